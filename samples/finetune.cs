#!/usr/bin/env dotnet
#:project ../src/Training/Training.csproj
#:package Microsoft.ML.OnnxRuntime

// Teach a pretrained classifier the classes of a folder, and write it as an ONNX file that needs nothing but a runtime.
//
//     dotnet run samples/finetune.cs -- PHOTOS OUT.onnx MODEL[+CARD]     PHOTOS holds a folder for each class; the model is a name such as
//                                                                        resnet50, or a file such as net.onnx+imagenet-torchvision
//     dotnet run samples/finetune.cs                                     the network for handwritten digits learns four drawn shapes

using Anneal.Training.Data;
using Anneal.Training.Tuning;
using Anneal.Zoo;

var zoo = new ModelZoo();
var (data, output, model) = args is [var photos, var file, var network]
    ? (TuningData.FromFolders(photos), file, await LoadAsync(network))
    : (new TuningData(new ShapesDataset(400, seed: 1), new ShapesDataset(100, seed: 2)), TemporaryFile("shapes.onnx"), await LoadAsync("digits"));
Console.WriteLine($"{model.Card.Name} learns {string.Join(", ", data.ClassNames)}: {data.Train.Count} pictures to learn from, {data.Validation.Count} to judge by.");

var result = await FineTune.RunAsync(model, data, new()
{
    LearningRate = args is [] ? 0.02 : null, // a network this small bears large steps
    Progress = new Printer(),
});

Console.WriteLine($"\nThe best epoch was {result.BestEpoch}: {result.Metrics.Top1:p1} right.");
foreach (var (name, metrics) in data.ClassNames.Zip(result.Metrics.PerClass))
    Console.WriteLine($"  {name,-12} precision {metrics.Precision,6:p1}  recall {metrics.Recall,6:p1}");

var report = result.Save(output);
Console.WriteLine($"\n{report.Path}: ONNX Runtime computes the same within {report.LargestDifference:g2}.");

// The file says all about itself: no card, no labels, no source.
using var classifier = zoo.Load(output);
Console.WriteLine($"Loaded again, it knows {string.Join(", ", classifier.Labels!)}.");

async Task<PretrainedModel> LoadAsync(string name)
{
    var words = name.Split('+');
    if (!File.Exists(words[0]))
        return await PretrainedModel.FromZooAsync(words[0], zoo);
    return PretrainedModel.FromFile(words[0], words.Length == 1 ? null : File.Exists(words[1]) ? ModelCard.Load(words[1]) : zoo.Catalog.Get(words[1]));
}

static string TemporaryFile(string name) => Path.Combine(Directory.CreateTempSubdirectory().FullName, name);

internal sealed class Printer : IProgress<TuningProgress>
{
    public void Report(TuningProgress progress)
    {
        if (progress.Notice is { } notice)
            Console.WriteLine(notice);
        if (progress.Finished is { } epoch)
            Console.WriteLine($"epoch {epoch.Epoch}  loss {epoch.TrainLoss:f3}  {new string('█', (int)(40 * epoch.Top1)),-40} {epoch.Top1,6:p1} right");
    }
}
