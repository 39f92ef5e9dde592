#!/usr/bin/env dotnet
#:project ../src/Training/Training.csproj
#:package Microsoft.ML.OnnxRuntime

// One two-layer net five ways, as lecture 8 of Stanford's CS231n builds it up: gradients by hand, autograd, layers, an optimiser, a module
// with a data loader. All five do the same arithmetic, so their losses must be equal at every step; the script stops where they are not.
// Then dynamic against static: the net as C# that runs line by line, and as an ONNX graph that was written down once.
//
//     dotnet run samples/lecture8.cs

using System.Diagnostics;
using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Training;
using Anneal.Training.Data;
using Anneal.Training.Export;
using Anneal.Training.Nn;
using Anneal.Training.Optim;

const int N = 64, In = 1000, Hidden = 100, Out = 10, Steps = 50;
const double Rate = 1e-6;

var random = new Generator(seed: 8);
var x = random.Normal([N, In]);
var y = random.Normal([N, Out]);
var w1 = random.Normal([In, Hidden]);
var w2 = random.Normal([Hidden, Out]);

Console.WriteLine($"A net of two layers on random numbers: x[{N},{In}] -> [{N},{Hidden}] -> ReLU -> [{N},{Out}], squared error, {Steps} steps downhill.\n");
var ways = new (string Name, Func<double[]> Run)[]
{
    ("by hand", ByHand), ("autograd", Autograd), ("layers", Layers), ("optimiser", Optimiser), ("module", ModuleAndLoader),
};
var losses = ways.Select(way => way.Run()).ToArray();

Console.WriteLine("step" + string.Concat(ways.Select(way => $"{way.Name,13}")));
foreach (var step in new[] { 0, 1, 2, 5, 10, 20, Steps - 1 })
    Console.WriteLine($"{step,4}" + string.Concat(losses.Select(way => $"{way[step],13:n1}")));
RequireEqual(losses);
DynamicAndStatic();

// 1. The chain rule, line by line: what every framework does for us in the end.
double[] ByHand()
{
    var losses = new double[Steps];
    var (a, b) = (w1, w2);
    for (var step = 0; step < Steps; step++)
    {
        var h = x.MatMul(a);
        var r = h.Clip(min: 0);
        var predicted = r.MatMul(b);
        losses[step] = (predicted - y).Pow(2).Sum().Item();

        var dPredicted = 2 * (predicted - y);
        var db = r.Transpose().MatMul(dPredicted);
        var dr = dPredicted.MatMul(b.Transpose());
        var dh = Tensor.Where(h > 0, dr, dr.ZerosLike());
        var da = x.Transpose().MatMul(dh);
        (a, b) = (a - (Rate * da), b - (Rate * db));
    }
    return losses;
}

// 2. Autograd: the forward pass is written down, the backward pass is walked.
double[] Autograd()
{
    var losses = new double[Steps];
    Parameter[] weights = [new(w1), new(w2)];
    for (var step = 0; step < Steps; step++)
    {
        var loss = (x.MatMul(weights[0]).Clip(min: 0).MatMul(weights[1]) - y).Pow(2).Sum();
        loss.Backward();
        losses[step] = loss.Item();
        Descend(weights);
    }
    return losses;
}

// 3. Layers keep their own weights.
double[] Layers()
{
    var losses = new double[Steps];
    var net = new Sequential(Layer(w1), new Relu(), Layer(w2));
    for (var step = 0; step < Steps; step++)
    {
        var loss = Loss.Mse(net.Forward(x), y, Reduction.Sum);
        loss.Backward();
        losses[step] = loss.Item();
        Descend(net.Parameters());
    }
    return losses;
}

// 4. An optimiser updates them. Write Adam for Sgd, and nothing else changes.
double[] Optimiser()
{
    var losses = new double[Steps];
    var net = new Sequential(Layer(w1), new Relu(), Layer(w2));
    var optimizer = new Sgd(net.Parameters(), new() { LearningRate = Rate });
    for (var step = 0; step < Steps; step++)
    {
        optimizer.ZeroGrad();
        var loss = Loss.Mse(net.Forward(x), y, Reduction.Sum);
        loss.Backward();
        optimizer.Step();
        losses[step] = loss.Item();
    }
    return losses;
}

// 5. A module of our own, fed by a loader. The batch is all N rows, so that the losses can be compared; the lecture's is 8.
double[] ModuleAndLoader()
{
    var losses = new double[Steps];
    var net = new TwoLayerNet(Layer(w1), Layer(w2));
    var optimizer = new Sgd(net.Parameters(), new() { LearningRate = Rate });
    var rows = SampleEncoder.From<int>([In], (row, slot) =>
    {
        x.AsSpan<float>().Slice(row * In, In).CopyTo(slot);
        return row;
    });
    var loader = new DataLoader<int>(Dataset.Generate(N, row => row), rows, new() { BatchSize = N });
    for (var epoch = 0; epoch < Steps; epoch++)
        foreach (var batch in loader.Epoch(epoch))
        {
            optimizer.ZeroGrad();
            var loss = Loss.Mse(net.Forward(batch.Inputs), y.Gather(0, batch.Labels.ToArray<long>()), Reduction.Sum);
            loss.Backward();
            optimizer.Step();
            losses[epoch] = loss.Item();
        }
    return losses;
}

// 6. A dynamic net is its code: it may branch, loop and be stopped in a debugger. A static one is a file that needs no code at all.
void DynamicAndStatic()
{
    Console.WriteLine("\nDynamic and static:\n");
    var net = new TwoLayerNet(Layer(w1), Layer(w2));
    var model = OnnxExport.ToModel(net, [N, In]);
    NamedTensor[] input = [NamedTensor.Create(model.Graph.Inputs[0].Name, x.ToArray<float>(), N, In)];
    using var silence = Grad.Off();
    using var ours = new AnnealEngine().Open(ModelSource.FromModel(model), new() { Device = Device.Cpu });
    using var ort = new OrtEngine().Open(ModelSource.FromModel(model), new() { Device = Device.Cpu });

    var expected = net.Forward(x).ToArray<float>();
    Report("C#, line by line", () => net.Forward(x).ToArray<float>());
    Report("graph, this library's engine", () => ours.Run(input)[0].As<float>().ToArray());
    Report("graph, ONNX Runtime", () => ort.Run(input)[0].As<float>().ToArray());
    Console.WriteLine($"\n  The graph: {string.Join(" -> ", model.Graph.Nodes.Select(node => node.OpType))}, for any number of rows.");
    try
    {
        OnnxExport.ToModel(new Moody(), [N, In]);
    }
    catch (AnnealException refusal)
    {
        Console.WriteLine($"  A net that looks at its numbers before it goes on has no such graph: {refusal.Message}");
    }

    void Report(string name, Func<float[]> run)
    {
        const int Runs = 100;
        var scale = expected.Max(Math.Abs);
        var apart = run().Zip(expected, (a, b) => Math.Abs(a - b) / scale).Max();
        if (!(apart < 1e-5))
            throw new InvalidOperationException($"{name} is {apart:e1} apart from the net.");
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Runs; i++)
        {
            using var scope = TensorScope.Begin();
            run();
        }
        Console.WriteLine($"  {name,-30} {1000 * watch.Elapsed.TotalMilliseconds / Runs,7:n0} µs");
    }
}

// A Linear layer computes x wᵀ, so that it keeps the lecture's weights the other way round.
static Linear Layer(Tensor weight)
{
    var layer = new Linear(weight.Shape[0], weight.Shape[1], bias: false);
    layer.Weight.Assign(weight.Transpose());
    return layer;
}

static void Descend(IEnumerable<Parameter> weights)
{
    using var silence = Grad.Off();
    foreach (var weight in weights)
    {
        weight.Assign(weight - (Rate * weight.Grad!));
        weight.ZeroGrad();
    }
}

static void RequireEqual(double[][] losses)
{
    var apart = 0.0;
    foreach (var way in losses)
        for (var step = 0; step < Steps; step++)
            apart = Math.Max(apart, Math.Abs(way[step] - losses[0][step]) / losses[0][step]);
    if (!(apart < 1e-5))
        throw new InvalidOperationException($"The five ways differ by {apart:p4} of the loss.");
    Console.WriteLine($"\nAll five agree at each of the {Steps} steps, to {apart:e1} of the loss.");
}

internal sealed class TwoLayerNet : Module
{
    private readonly Linear _first;
    private readonly Linear _second;

    public TwoLayerNet(Linear first, Linear second)
    {
        _first = Register("first", first);
        _second = Register("second", second);
    }

    protected override Tensor Compute(Tensor x) => _second.Forward(_first.Forward(x).Relu());
}

internal sealed class Moody : Module
{
    protected override Tensor Compute(Tensor x) => x.Mean().Item() > 0 ? x.Relu() : -x;
}
