#!/usr/bin/env dotnet
#:project ../src/Training/Training.csproj
#:package Microsoft.ML.OnnxRuntime

// Transfer learning from its parts: a pretrained network is cut before its classifier, runs once over all pictures, and a classifier of our
// own learns from what it saw. This is what 'anneal finetune --freeze backbone' does, laid open.
//
//     dotnet run samples/transfer.cs -- TRAIN VAL MODEL[+CARD]     folders of classes; a name such as resnet50, or net.onnx+imagenet-torchvision
//     dotnet run samples/transfer.cs                               drawn shapes, seen by the network for handwritten digits

using System.Diagnostics;
using Anneal.Training;
using Anneal.Training.Data;
using Anneal.Training.Nn;
using Anneal.Training.Optim;
using Anneal.Training.Tuning;
using Anneal.Zoo;

var pretrained = args is [_, _, var name] ? Load(name) : PretrainedModel.FromZoo("digits");
IDataset<PictureSample> train = args is [] ? new ShapesDataset(400, seed: 1) : new ImageFolder(args[0]);
IDataset<PictureSample> judge = args is [] ? new ShapesDataset(100, seed: 2) : new ImageFolder(args[1]);

// Where does the classifier begin? All that comes before is a graph of its own, which ONNX Runtime runs.
var head = ClassifierHead.Find(pretrained.Model);
Console.WriteLine(head.Description);
var fresh = head.WithClasses(train.ClassNames!.Count, new Draws(0));
var cut = ModelCut.Leading(fresh.Model, fresh.ParameterNames.Contains)!;
var watch = Stopwatch.StartNew();
using var backbone = new FrozenFeatures(cut);
using var seen = backbone.Table(train, Augment.None(pretrained.Card));
using var judged = backbone.Table(judge, Augment.None(pretrained.Card));
Console.WriteLine($"{train.Count + judge.Count} pictures became {string.Join(" x ", seen.Shape)} numbers each, in {watch.Elapsed.TotalSeconds:f1} s. They are kept, so that the next run has them at once.\n");

// Our own classifier: two layers on the features, of which a map is averaged to one row.
Module toRow = seen.Shape.Rank == 3 ? new AdaptiveAvgPool2d(1) : new Identity();
var classifier = new Sequential(toRow, new Flatten(), new Linear(seen.Shape[0], 64), new Relu(), new Dropout(0.2), new Linear(64, train.ClassNames.Count));
var optimizer = new AdamW(classifier.Parameters(), new() { LearningRate = 3e-3, WeightDecay = 0.01 });
var loader = seen.Loader(new() { Order = SampleOrder.Shuffled });
watch.Restart();
for (var epoch = 0; epoch < 20; epoch++)
{
    classifier.Train();
    foreach (var batch in loader.Epoch(epoch))
    {
        using var step = TensorScope.Begin();
        optimizer.ZeroGrad();
        Loss.CrossEntropy(classifier.Forward(batch.Inputs), batch.Labels).Backward();
        optimizer.Step();
    }
    if (epoch % 4 == 3)
        Console.WriteLine($"epoch {epoch + 1,2}  {Right(),6:p1} right");
}
Console.WriteLine($"\n{20 * train.Count / watch.Elapsed.TotalSeconds:n0} samples a second: the network itself never ran again.");

double Right()
{
    classifier.Eval();
    using var silence = Grad.Off();
    var right = 0;
    foreach (var batch in judged.Loader().Epoch(0))
    {
        using var step = TensorScope.Begin();
        right += classifier.Forward(batch.Inputs).ArgMax().ToArray<long>().Zip(batch.Labels.ToArray<long>()).Count(pair => pair.First == pair.Second);
    }
    return right / (double)judge.Count;
}

static PretrainedModel Load(string name)
{
    var (zoo, words) = (new ModelZoo(), name.Split('+'));
    if (!File.Exists(words[0]))
        return PretrainedModel.FromZoo(words[0], zoo);
    return PretrainedModel.FromFile(words[0], words.Length == 1 ? null : File.Exists(words[1]) ? ModelCard.Load(words[1]) : zoo.Catalog.Get(words[1]));
}
