#!/usr/bin/env dotnet
#:project ../src/Training/Training.csproj
#:package Microsoft.ML.OnnxRuntime

// Train a small convolutional network from nothing.
//
//     dotnet run samples/scratch.cs                     four drawn shapes, in seconds
//     dotnet run samples/scratch.cs -- FOLDER           FOLDER/train and FOLDER/test with a folder of 32 x 32 pictures for each class,
//                                                       or CIFAR-10's own binary files

using Anneal.Training;
using Anneal.Training.Data;
using Anneal.Training.Nn;
using Anneal.Training.Optim;
using Anneal.Zoo;

const int Size = 32, Epochs = 4;

var (train, test) = args is [var folder] ? Read(folder) : (new ShapesDataset(1200, Size, seed: 1), new ShapesDataset(200, Size, seed: 2));
var names = train.ClassNames!;

// From bytes to numbers around 0. Only what is learned from is shifted and mirrored, and each epoch otherwise.
var steps = new Preprocessing
{
    Color = ColorOrder.Rgb,
    Orientation = OrientationPolicy.Ignore,
    Divide = 255,
    Mean = [0.5f, 0.5f, 0.5f],
    Std = [0.25f, 0.25f, 0.25f],
    Layout = TensorLayout.Nchw,
};
var learning = new DataLoader<PictureSample>(
    train, new PicturePipeline(steps, Size, Size, [new RandomCrop(Size, Size, Padding: 2), new RandomHorizontalFlip()]), new() { Order = SampleOrder.Shuffled });
var judging = new DataLoader<PictureSample>(test, new PicturePipeline(steps, Size, Size, []), new() { BatchSize = 100 });

var net = new Sequential(
    Block(3, 16, stride: 2), Block(16, 32, stride: 2), Block(32, 64, stride: 2),
    new AdaptiveMaxPool2d(1), new Flatten(), new Linear(64, names.Count));
var optimizer = new AdamW(net.Parameters(), new() { LearningRate = 5e-3, WeightDecay = 0.01 });
var schedule = new Scheduler(optimizer, new OneCycle(Epochs * learning.BatchCount));
Console.WriteLine($"{train.Count} pictures of {names.Count} classes to learn from, {test.Count} to judge by; {net.Parameters().Sum(p => p.Count):n0} weights.\n");

for (var epoch = 0; epoch < Epochs; epoch++)
{
    net.Train();
    var sum = 0.0;
    foreach (var batch in learning.Epoch(epoch))
    {
        using var step = TensorScope.Begin();
        optimizer.ZeroGrad();
        var loss = Loss.CrossEntropy(net.Forward(batch.Inputs), batch.Labels);
        loss.Backward();
        optimizer.Step();
        schedule.Step();
        sum += loss.Item();
    }
    var right = Judge().Count(answer => answer.Label == answer.Named) / (double)test.Count;
    Console.WriteLine($"epoch {epoch + 1}  loss {sum / learning.BatchCount:f3}  {new string('█', (int)(40 * right)),-40} {right,6:p1} right");
}

Console.WriteLine("\nWhat was named what, a row for each true class:\n");
var answers = Judge();
Console.WriteLine(new string(' ', 12) + string.Concat(names.Select(name => $"{name[..Math.Min(9, name.Length)],10}")));
for (var label = 0; label < names.Count; label++)
    Console.WriteLine($"{names[label][..Math.Min(12, names[label].Length)],12}" + string.Concat(names.Select((_, named) => $"{answers.Count(a => a == (label, named)),10}")));

static Sequential Block(int inputs, int outputs, int stride) =>
    new(new Conv2d(inputs, outputs, 3, stride, padding: 1, bias: false), new BatchNorm2d(outputs), new Relu());

// Each test picture's class, and the class that the net gives it.
List<(int Label, int Named)> Judge()
{
    net.Eval();
    using var silence = Grad.Off();
    var answers = new List<(int, int)>();
    foreach (var batch in judging.Epoch(0))
    {
        using var step = TensorScope.Begin();
        answers.AddRange(batch.Labels.ToArray<long>().Zip(net.Forward(batch.Inputs).ArgMax().ToArray<long>(), (label, named) => ((int)label, (int)named)));
    }
    return answers;
}

static (IDataset<PictureSample> Train, IDataset<PictureSample> Test) Read(string folder) => Directory.Exists(Path.Combine(folder, "train"))
    ? (new ImageFolder(Path.Combine(folder, "train")), new ImageFolder(Path.Combine(folder, "test")))
    : (CifarDataset.Cifar10(folder, isTraining: true), CifarDataset.Cifar10(folder, isTraining: false));
