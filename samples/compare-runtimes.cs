#!/usr/bin/env dotnet
#:project ../src/Training/Training.csproj
#:package Microsoft.ML.OnnxRuntime

// Do two runtimes give the same answers? ONNX Runtime and this library's own engine classify the same pictures; how many are right, how far
// the probabilities are apart, and how long it took. The exit code is 1 where they disagree, so that it can stand in a test as it is;
// 'anneal compare MODEL --nodes' then names the first node where they part.
//
//     dotnet run samples/compare-runtimes.cs -- FOLDER MODEL[+CARD]     FOLDER holds a folder for each class, named as the model names it
//     dotnet run samples/compare-runtimes.cs                            drawn shapes, and a network that has just learned them

using System.Diagnostics;
using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Training;
using Anneal.Training.Data;
using Anneal.Training.Export;
using Anneal.Training.Nn;
using Anneal.Training.Optim;
using Anneal.Zoo;
using Anneal.Zoo.Images;

const double Tolerance = 1e-5;

var folder = args.ElementAtOrDefault(0) ?? DrawShapes();
var open = args is [_, var name] ? Open(name) : OpenTrained();
var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();

var runs = new List<Answers>();
foreach (var engine in new IEngine[] { new OrtEngine(), new AnnealEngine() })
{
    using var classifier = open(engine);
    await Answer(classifier, files[..Math.Min(20, files.Count)]); // a first look, so that nobody's start is measured
    runs.Add(await Answer(classifier, files));
}
foreach (var run in runs)
    Console.WriteLine($"{run.Engine,-8} {run.Right,5:p1} of {files.Count} pictures right, {files.Count / run.Seconds,6:n0} a second");

var (apart, where) = runs[0].Probabilities.Zip(runs[1].Probabilities, files)
    .Select(picture => (picture.First.Zip(picture.Second, (a, b) => Math.Abs(a - b)).Max(), picture.Third)).Max();
Console.WriteLine($"\nThe probabilities are at most {apart:e1} apart, on {Path.GetRelativePath(folder, where)}.");
var isSame = apart <= Tolerance && runs[0].Right == runs[1].Right;
Console.WriteLine(isSame ? "The same answers." : $"That is more than {Tolerance:g1}.");
return isSame ? 0 : 1;

static async Task<Answers> Answer(Classifier classifier, List<string> files)
{
    var (right, probabilities, watch) = (0, new List<float[]>(), Stopwatch.StartNew());
    await foreach (var answer in classifier.ClassifyAsync(files, new ClassifyOptions { Top = int.MaxValue }))
    {
        // All classes, best first, back in the order of the model.
        probabilities.Add([.. answer.Predictions.OrderBy(prediction => prediction.Index).Select(prediction => prediction.Probability)]);
        right += answer.Predictions[0].Label == Path.GetFileName(Path.GetDirectoryName(answer.File)) ? 1 : 0;
    }
    return new(classifier.Session.Engine, right / (double)files.Count, probabilities, watch.Elapsed.TotalSeconds);
}

static Func<IEngine, Classifier> Open(string name)
{
    var (zoo, words) = (new ModelZoo(), name.Split('+'));
    var card = words.Length == 1 ? null : File.Exists(words[1]) ? ModelCard.Load(words[1]) : zoo.Catalog.Get(words[1]);
    return engine => zoo.Load(words[0], new LoadOptions { Engine = engine, Card = card });
}

static string DrawShapes()
{
    var folder = Directory.CreateTempSubdirectory("shapes-").FullName;
    var shapes = new ShapesDataset(200, seed: 2);
    for (var i = 0; i < shapes.Count; i++)
    {
        using var shape = shapes[i];
        var path = Path.Combine(folder, shapes.ClassNames[shape.Label], $"{i:D4}.png");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        ImageFile.Save(shape.Picture, path);
    }
    return folder;
}

// Three epochs of training, and the network as a static graph, as any runtime takes it.
static Func<IEngine, Classifier> OpenTrained()
{
    var shapes = new ShapesDataset(600, seed: 1);
    var steps = new Preprocessing { Color = ColorOrder.Rgb, Orientation = OrientationPolicy.Ignore, Divide = 255, Layout = TensorLayout.Nchw };
    var net = new Sequential(
        new Conv2d(3, 16, 3, stride: 2), new BatchNorm2d(16), new Relu(), new Conv2d(16, 32, 3, stride: 2), new BatchNorm2d(32), new Relu(),
        new Conv2d(32, 64, 3), new Relu(), new AdaptiveMaxPool2d(1), new Flatten(), new Linear(64, shapes.ClassNames.Count));
    var optimizer = new Adam(net.Parameters(), new() { LearningRate = 0.005 });
    var loader = new DataLoader<PictureSample>(shapes, new PicturePipeline(steps, 32, 32), new() { Order = SampleOrder.Shuffled });
    for (var epoch = 0; epoch < 3; epoch++)
        foreach (var batch in loader.Epoch(epoch))
        {
            using var step = TensorScope.Begin();
            optimizer.ZeroGrad();
            Loss.CrossEntropy(net.Forward(batch.Inputs), batch.Labels).Backward();
            optimizer.Step();
        }

    net.Eval();
    var model = OnnxExport.ToModel(net, [1, 3, 32, 32]);
    var card = new ModelCard { Name = "shapes", Summary = "Four shapes", ClassNames = shapes.ClassNames, OutputKind = OutputKind.Logits, Preprocessing = steps };
    return engine => new Classifier(engine.Open(ModelSource.FromModel(model), new() { Device = Device.Cpu }), card);
}

internal sealed record Answers(string Engine, double Right, IReadOnlyList<float[]> Probabilities, double Seconds);
