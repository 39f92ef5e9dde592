using System.CommandLine;
using System.Globalization;
using Anneal.Cli.Demo;
using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Zoo;

namespace Anneal.Cli.Commands;

/// <summary>
/// <c>anneal demo</c>: a whole walk in a second and without a network. It builds a tiny ONNX file, draws a picture, runs the one on the
/// other, and says what happened at each step. All of it happens in a new temporary folder.
/// </summary>
internal sealed class DemoCommand(Screen screen)
{
    public static Command Create(Screen screen)
    {
        var command = new Command("demo", "Build a tiny ONNX model, run it on a picture drawn for it, and explain each step. Needs no network.");
        var choice = EngineChoice.AddTo(command);
        command.SetAction(parsed => new DemoCommand(screen).Run(choice.Engine(parsed), choice.Session(parsed)));
        return command;
    }

    private int Run(IEngine engine, EngineOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("anneal-demo-").FullName;
        var model = BuildModel(Path.Combine(folder, "red-or-blue.onnx"));
        var picture = DrawPicture(Path.Combine(folder, "sunset.bmp"));
        var pixels = Prepare(picture);
        var answer = RunModel(engine, options, model, pixels);
        Conclude(model, answer);
        return ExitCode.Ok;
    }

    private string BuildModel(string path)
    {
        screen.Heading("1. A model");
        screen.Line("   Four operators make a classifier that says whether a picture is more red or more blue:");
        screen.Line("     GlobalAveragePool   the mean of each colour        [N,3,64,64] -> [N,3,1,1]");
        screen.Line("     Flatten             three numbers in a row         [N,3,1,1]   -> [N,3]");
        screen.Line("     Gemm                score = 4 x red - 4 x blue     [N,3]       -> [N,2]");
        screen.Line("     Softmax             scores become probabilities    [N,2]       -> [N,2]");
        OnnxFile.Save(RedOrBlue.Build(), path);
        var reloaded = OnnxFile.Load(path);
        screen.Line($"   Saved as an ONNX file: {path} ({Quantity.Of(new FileInfo(path).Length, "byte")}).");
        screen.Line($"   Loaded again from there: {Quantity.Of(reloaded.Graph.Nodes.Count, "node")}, "
            + $"{Quantity.Of(reloaded.Graph.Initializers.Sum(value => value.Initializer!.ElementCount), "parameter")}, {reloaded.OperatorSets}.");
        return path;
    }

    private string DrawPicture(string path)
    {
        screen.Heading("2. A picture");
        var bytes = Sunset.Draw();
        using (var file = new FileStream(path, FileMode.CreateNew))
            file.Write(bytes);
        screen.Line($"   A sunset of {RedOrBlue.Size} x {RedOrBlue.Size} pixels: {path}");
        return path;
    }

    private float[] Prepare(string picture)
    {
        screen.Heading("3. From pixels to numbers");
        var pixels = new float[3 * RedOrBlue.Size * RedOrBlue.Size];
        new Preprocessor(RedOrBlue.Preprocessing).Read(picture, pixels);
        var means = Means(pixels);
        screen.Line($"   Decoded, each byte divided by 255: a tensor [1,3,{RedOrBlue.Size},{RedOrBlue.Size}] of {Quantity.Count(pixels.Length)} numbers.");
        screen.Line($"   On average red {Number(means[0])}, green {Number(means[1])}, blue {Number(means[2])}.");
        return pixels;
    }

    private float[] RunModel(IEngine engine, EngineOptions options, string path, float[] pixels)
    {
        var title = EngineChoice.TitleOf(engine);
        screen.Heading($"4. {title}");
        using var session = engine.Open(path, options);
        var outputs = session.Run([NamedTensor.Create("picture", pixels.AsMemory(), 1, 3, RedOrBlue.Size, RedOrBlue.Size)]);
        var (scores, probabilities) = (outputs[0].As<float>().ToArray(), outputs[1].As<float>().ToArray());
        screen.Line($"   On the {session.Device} it answers the scores {Pair(scores)} and the probabilities {Pair(probabilities)}.");
        Check(title, RedOrBlue.ByHand(Means(pixels)), scores, probabilities);
        return probabilities;
    }

    private void Check(string title, (float[] Scores, float[] Probabilities) byHand, float[] scores, float[] probabilities)
    {
        screen.Line($"   By hand: 4 x red - 4 x blue gives {Pair(byHand.Scores)}, softmax {Pair(byHand.Probabilities)}.");
        var difference = scores.Concat(probabilities).Zip(byHand.Scores.Concat(byHand.Probabilities), (ours, theirs) => MathF.Abs(ours - theirs)).Max();
        if (!(difference < 1e-4f))
            throw new AnnealException($"{title} and plain arithmetic differ by {difference}; this installation computes wrongly. Run 'anneal doctor'.");
        screen.Line("   The two agree.");
    }

    private void Conclude(string model, float[] probabilities)
    {
        var best = probabilities[0] >= probabilities[1] ? 0 : 1;
        screen.Heading($"The picture is {RedOrBlue.Labels[best]}, {(100 * probabilities[best]).ToString("0.0", CultureInfo.InvariantCulture)} % sure.");
        screen.Line($"Look inside the file:       inspect {model}");
        screen.Line("The real thing, your photo: classify photo.jpg --model resnet101");
        screen.Line("(Write either where you wrote 'demo'. ResNet-101 is fetched once, 179 MB, and checked.)");
    }

    private static float[] Means(ReadOnlySpan<float> pixels)
    {
        var plane = pixels.Length / 3;
        var means = new float[3];
        for (var channel = 0; channel < 3; channel++)
        {
            var sum = 0.0;
            foreach (var value in pixels.Slice(channel * plane, plane))
                sum += value;
            means[channel] = (float)(sum / plane);
        }
        return means;
    }

    private static string Pair(float[] values) => $"red {Number(values[0])}, blue {Number(values[1])}";

    private static string Number(float value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
