#!/usr/bin/env dotnet
#:project ../src/Training/Training.csproj
#:package Microsoft.ML.OnnxRuntime

// Makes src/Zoo/Catalog/Models/digits.onnx, the network inside the library, from nothing but digits that it draws itself. The same
// numbers come out each time.
//
//   dotnet run -c Release eng/train-embedded.cs                              train, write the file, print what models.json has to say of it
//   dotnet run -c Release eng/train-embedded.cs -- judge MNIST_FOLDER        the file's accuracy on MNIST's test set
//   dotnet run -c Release eng/train-embedded.cs -- sheet OUT.png [MNIST_FOLDER]   drawn digits, below MNIST's where they are given
//
// The first 2,000 digits of MNIST's test set were looked at while the drawing was designed; the last 8,000 are the judge. MNIST_FOLDER
// holds t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz. No pixel of MNIST is learned from.

using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Anneal.Cli.Handwriting;
using Anneal.Onnx;
using Anneal.Training;
using Anneal.Training.Data;
using Anneal.Training.Export;
using Anneal.Training.Nn;
using Anneal.Training.Optim;
using Anneal.Zoo;
using Anneal.Zoo.Images;

var file = Path.GetFullPath(Path.Combine(Here(), "..", "src", "Zoo", "Catalog", "Models", "digits.onnx"));
switch (args)
{
    case []:
        Train(file);
        return 0;
    case ["judge", var mnist]:
        await JudgeAsync(file, mnist);
        return 0;
    case ["sheet", var sheet, .. var mnist] when mnist.Length < 2:
        File.WriteAllBytes(sheet, Sheet.Draw(mnist is [var folder] ? folder : null));
        return 0;
    default:
        Console.Error.WriteLine("usage: dotnet run -c Release eng/train-embedded.cs -- [judge MNIST_FOLDER | sheet OUT.png [MNIST_FOLDER]]");
        return 2;
}

static void Train(string file)
{
    var net = new DigitNet(new Generator(Recipe.Seed));
    Learn(net);
    net.Eval();
    var model = OnnxExport.ToModel(net, [1, 1, Ink.Size, Ink.Size], new() { InputName = "picture", OutputName = "scores" });
    model.Graph.Name = "digits";
    Describe(model, DrawnAccuracy(net));
    Directory.CreateDirectory(Path.GetDirectoryName(file)!);
    var report = OnnxExport.Save(model, file, new() { Overwrite = true });
    var bytes = File.ReadAllBytes(file);
    Console.WriteLine($"{file}: {net.Parameters().Sum(parameter => parameter.Count)} parameters; ONNX Runtime differs by {report.LargestDifference:g2}.");
    Console.WriteLine($"\"sha256\": \"{Convert.ToHexStringLower(SHA256.HashData(bytes))}\", \"sizeBytes\": {bytes.Length}");
}

// One pass over digits of which none comes twice.
static void Learn(DigitNet net)
{
    var loader = new DataLoader<Drawn>(Drawn.Digits(Recipe.Samples, "train"), Drawn.Encoder, new() { BatchSize = Recipe.BatchSize, Workers = 2, DropLast = true, Seed = Recipe.Seed });
    var optimizer = new AdamW(ParameterGroup.SplitByDecay(net.Parameters()), new() { LearningRate = Recipe.Rate, WeightDecay = Recipe.Decay });
    var schedule = new OneCycle(loader.BatchCount);
    foreach (var batch in loader.Epoch(0))
    {
        using var step = TensorScope.Begin();
        foreach (var group in optimizer.Groups)
            group.LearningRate = schedule.RateAt(Recipe.Rate, batch.Number);
        optimizer.ZeroGrad();
        var loss = Loss.CrossEntropy(net.Forward(batch.Inputs), batch.Labels, Recipe.Smoothing);
        loss.Backward();
        optimizer.Step();
        if ((batch.Number + 1) % 50 == 0)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {batch.Number + 1} of {loader.BatchCount}: loss {loss.Item():0.000}"));
    }
}

// The accuracy on digits that the same pens draw, but that were not learned from: 0 to 1.
static double DrawnAccuracy(DigitNet net)
{
    var loader = new DataLoader<Drawn>(Drawn.Digits(Recipe.Judged, "judge"), Drawn.Encoder, new() { BatchSize = 250, Order = SampleOrder.Sequential });
    var right = 0;
    using var still = Grad.Off();
    foreach (var batch in loader.Epoch(0))
    {
        using var step = TensorScope.Begin();
        var scores = net.Forward(batch.Inputs).ToArray<float>();
        var labels = batch.Labels.ToArray<long>();
        for (var i = 0; i < labels.Length; i++)
            if (scores.AsSpan(10 * i, 10).IndexOf(scores.AsSpan(10 * i, 10).ToArray().Max()) == labels[i])
                right++;
    }
    return (double)right / loader.SampleCount;
}

static void Describe(Model model, double accuracy)
{
    model.DocString = "Handwritten digits, white on black, learned from drawn digits alone.";
    var card = new ModelCard
    {
        Name = "digits",
        Summary = "Handwritten digits, white on black: the network inside the library",
        OutputKind = OutputKind.Logits,
        Input = new("picture", [-1, 1, Ink.Size, Ink.Size]),
        Output = new("scores", [-1, 10]),
        Preprocessing = Drawn.Preprocessing,
        Labels = "mnist",
        Licence = new("MIT", "the Anneal authors, who drew the digits and trained the network"),
    };
    new ModelMetadata
    {
        Card = card,
        ClassNames = Digits.Names,
        Lineage = new()
        {
            Recipe = Recipe.Text,
            Metrics = new Dictionary<string, double> { ["top1OnDrawnDigits"] = accuracy },
            MadeBy = "eng/train-embedded.cs",
        },
        Golden = GoldenExample.Create(model, card, GrayPng.Encode(Drawn.Digits(10, "golden")[7].Pixels, Ink.Size)),
    }.WriteTo(model);
}

static async Task JudgeAsync(string file, string mnist)
{
    using var classifier = new ModelZoo().Load(file);
    var labels = Idx.Read(Path.Combine(mnist, "t10k-labels-idx1-ubyte.gz"));
    var (right, count) = (new int[2], new int[2]);
    var index = 0;
    var pictures = Path.Combine(mnist, "t10k-images-idx3-ubyte.gz");
    await foreach (var answer in classifier.ClassifyAsync(Enumerable.Range(0, labels.Bytes.Length).Select(i => $"{new IdxPicture(pictures, i)}")))
    {
        var part = index < 2000 ? 0 : 1;
        count[part]++;
        if (answer.Predictions[0].Index == labels.Bytes[index++])
            right[part]++;
    }
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the first 2,000, looked at in the design: {right[0]} of {count[0]}, {100.0 * right[0] / count[0]:0.00} %"));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the last 8,000, the judge: {right[1]} of {count[1]}, {100.0 * right[1] / count[1]:0.00} %"));
}

static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

/// <summary>What the file depends on, beside the drawing and the network.</summary>
internal static class Recipe
{
    public const ulong Seed = 2026;
    public const int Samples = 64_000, Judged = 2_000, BatchSize = 128;
    public const double Rate = 4e-3, Decay = 0.05, Smoothing = 0.05;

    public static string Text => string.Create(CultureInfo.InvariantCulture,
        $"{Samples} drawn digits, seed {Seed}, batch {BatchSize}, AdamW, one cycle to {Rate}, weight decay {Decay}, label smoothing {Smoothing}");
}

/// <summary>A drawn digit.</summary>
internal sealed record Drawn(byte[] Pixels, int Digit)
{
    /// <summary>From bytes to what the network sees; the mean and deviation are those that are customary for MNIST.</summary>
    public static readonly Preprocessing Preprocessing = new()
    {
        Color = ColorOrder.Gray,
        Orientation = OrientationPolicy.Ignore,
        Resize = new() { Mode = ResizeMode.Stretch, Height = Ink.Size, Width = Ink.Size, Filter = ResizeFilter.Bilinear, Style = ResizeStyle.Pillow },
        Divide = 255,
        Mean = [0.1307f],
        Std = [0.3081f],
        Layout = TensorLayout.Nchw,
    };

    public static readonly ISampleEncoder<Drawn> Encoder = SampleEncoder.From<Drawn>([1, Ink.Size, Ink.Size], (drawn, slot) =>
    {
        for (var i = 0; i < slot.Length; i++)
            slot[i] = ((drawn.Pixels[i] / Preprocessing.Divide) - Preprocessing.Mean![0]) / Preprocessing.Std![0];
        return drawn.Digit;
    });

    public static IDataset<Drawn> Digits(int count, string use)
    {
        var draws = new Draws(Recipe.Seed).For(use);
        return Dataset.Generate(count, i => new Drawn(Scribe.Write(Anneal.Cli.Handwriting.Digits.Ways[i % 10], draws.At(i)), i % 10));
    }
}

/// <summary>Three convolutions, each followed by a pooling that halves the picture, and a linear layer on the nine places that are left.</summary>
internal sealed class DigitNet : Module
{
    private readonly Sequential _layers;

    public DigitNet(Generator generator) => _layers = Register("digits", new Sequential(
        ("conv1", new Conv2d(1, 16, 3, padding: 1, bias: false, generator: generator)), ("norm1", new BatchNorm2d(16)), ("relu1", new Relu()), ("pool1", new MaxPool2d(2)),
        ("conv2", new Conv2d(16, 32, 3, padding: 1, bias: false, generator: generator)), ("norm2", new BatchNorm2d(32)), ("relu2", new Relu()), ("pool2", new MaxPool2d(2)),
        ("conv3", new Conv2d(32, 96, 3, padding: 1, bias: false, generator: generator)), ("norm3", new BatchNorm2d(96)), ("relu3", new Relu()), ("pool3", new AvgPool2d(3, 2)),
        ("flatten", new Flatten()), ("drop", new Dropout(0.1, generator)), ("head", new Linear(96 * 9, 10, generator: generator))));

    protected override Tensor Compute(Tensor x) => _layers.Forward(x);
}

/// <summary>A contact sheet: for each digit a row as drawn, and above it MNIST's own where they are at hand.</summary>
internal static class Sheet
{
    private const int Columns = 20, Zoom = 3, Width = Columns * Ink.Size * Zoom;

    public static byte[] Draw(string? mnist)
    {
        List<IReadOnlyList<byte[]>> rows = [];
        for (var digit = 0; digit < 10; digit++)
        {
            if (mnist is not null)
                rows.Add(FromMnist(mnist, digit));
            var drawn = Drawn.Digits(10 * Columns, "train");
            rows.Add([.. Enumerable.Range(0, Columns).Select(column => drawn[(10 * column) + digit].Pixels)]);
        }
        return GrayPng.Encode(Pixels(rows), Width);
    }

    private static IReadOnlyList<byte[]> FromMnist(string mnist, int digit)
    {
        var pictures = Idx.Read(Path.Combine(mnist, "t10k-images-idx3-ubyte.gz"));
        var labels = Idx.Read(Path.Combine(mnist, "t10k-labels-idx1-ubyte.gz")).Bytes[..2000].ToArray();
        const int Area = Ink.Size * Ink.Size;
        return [.. labels.Index().Where(label => label.Item == digit).Take(Columns).Select(label => pictures.Bytes.Slice(label.Index * Area, Area).ToArray())];
    }

    private static byte[] Pixels(IReadOnlyList<IReadOnlyList<byte[]>> rows)
    {
        var pixels = new byte[rows.Count * Ink.Size * Zoom * Width];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (x, y) = (i % Width / Zoom, i / Width / Zoom);
            pixels[i] = rows[y / Ink.Size][x / Ink.Size][(y % Ink.Size * Ink.Size) + (x % Ink.Size)];
        }
        return pixels;
    }
}
