using System.Text.Json;
using Anneal.Onnx;
using Anneal.Training.Optim;

namespace Anneal.Training.Tests.Optim;

/// <summary>Ten steps of training beside libtorch's: the same weights, pictures and recipe must give the same losses and end at the same weights.</summary>
public sealed class TraceTests(ITestOutputHelper output)
{
    private static readonly JsonElement File = GoldenFile.Read("libtorch-traces.json");
    private static readonly int Steps = File.GetProperty("steps").GetInt32();
    private static readonly int Samples = File.GetProperty("samples").GetInt32();

    public static TheoryData<string, string> Traces => new(File.GetProperty("traces").EnumerateArray().Select(trace =>
        (trace.GetProperty("net").GetString()!, trace.GetProperty("optimizer").GetString()!)));

    [Theory, MemberData(nameof(Traces))]
    public void In_double_the_trace_is_that_of_libtorch(string net, string optimizer)
    {
        var golden = Golden(net, optimizer);
        var trace = Train(net, optimizer, DType.Double, epsilon: 1e-8);
        var loss = Apart(golden.Numbers("losses64"), [.. trace.Losses]).Max();
        var weight = Apart(golden.Numbers("weights64"), Sample(trace.Weights[^1])).Max();
        var buffer = Apart(golden.Numbers("buffers64"), Sample(trace.Buffers)).DefaultIfEmpty().Max();
        output.WriteLine($"losses within {loss:G3}, weights within {weight:G3}, running statistics within {buffer:G3}");
        Assert.InRange(loss, 0, 1e-8);
        Assert.InRange(weight, 0, 1e-7);
        Assert.InRange(buffer, 0, 1e-7);
        Assert.Equal(golden.GetProperty("norm64").GetDouble(), Math.Sqrt(trace.Weights[^1].Sum(w => w * w)), 1e-7);
    }

    /// <summary>
    /// From the third step on a rounding that turns one ReLU the other way grows; how far is what libtorch's own traces of the network say, with other
    /// threads, with the pictures of a batch in other orders and in double. In which of them a ReLU turns is chance, so that those of all optimisers
    /// count. Whatever they say, 1e-5 is near enough.
    /// </summary>
    [Theory, MemberData(nameof(Traces))]
    public void In_float32_the_trace_is_that_of_libtorch_as_far_as_rounding_goes(string net, string optimizer)
    {
        var golden = Golden(net, optimizer);
        var trace = Train(net, optimizer, DType.Float32, File.GetProperty("epsilon32").GetDouble());
        var losses = Apart(golden.Numbers("losses32"), [.. trace.Losses]);
        var early = Apart(golden.Numbers("weightsAfter2In32"), Sample(trace.Weights[1])).Max();
        var late = Apart(golden.Numbers("weights32"), Sample(trace.Weights[^1])).Max();
        output.WriteLine($"losses within {string.Join(" ", losses.Select(loss => loss.ToString("G2")))}; weights within {early:G3}, then {late:G3}");
        Assert.All(losses.Take(2), loss => Assert.InRange(loss, 0, 1e-5));
        Assert.InRange(early, 0, 1e-5);
        var bars = Bars(net, "threadSpread", "orderSpread", "roundingSpread");
        Assert.All(losses.Zip(bars), pair => Assert.InRange(pair.First, 0, pair.Second));
        Assert.InRange(late, 0, Bars(net, "weightThreadSpread", "weightOrderSpread", "weightRoundingSpread")[^1]);
    }

    private static JsonElement Golden(string net, string optimizer) => File.GetProperty("traces").EnumerateArray().Single(trace =>
        trace.GetProperty("net").GetString() == net && trace.GetProperty("optimizer").GetString() == optimizer);

    /// <summary>Three times the largest difference so far of libtorch from itself.</summary>
    private static double[] Bars(string net, params string[] spreads)
    {
        var largest = new double[Steps];
        foreach (var golden in File.GetProperty("traces").EnumerateArray().Where(trace => trace.GetProperty("net").GetString() == net))
            foreach (var (step, difference) in spreads.SelectMany(spread => golden.Numbers(spread).Index()))
                largest[step] = Math.Max(largest[step], difference);
        for (var step = 1; step < Steps; step++)
            largest[step] = Math.Max(largest[step], largest[step - 1]);
        return Array.ConvertAll(largest, difference => Math.Max(1e-5, 3 * difference));
    }

    private static Trace Train(string name, string optimizerName, DType dtype, double epsilon)
    {
        var batch = File.GetProperty("batch").GetInt32();
        var pictures = new CifarPictures(Steps * batch, batch);
        var net = name == "small" ? Trainee.Small(dtype) : Trainee.ResNet20(dtype);
        Optimizer optimizer = optimizerName switch
        {
            "sgd" => new Sgd(net.Parameters, new() { LearningRate = 1e-3, Momentum = 0.9, WeightDecay = 5e-4 }),
            "adamw" => new AdamW(net.Parameters, new() { LearningRate = 1e-3, WeightDecay = 0.01, Epsilon = epsilon }),
            _ => new RmsProp(net.Parameters, new() { LearningRate = 1e-4, Momentum = 0.9, Epsilon = epsilon }),
        };
        var trace = new Trace([], [], []);
        for (var step = 0; step < Steps; step++)
        {
            using var scope = TensorScope.Begin();
            var (x, labels) = pictures.Batch(step, dtype);
            optimizer.ZeroGrad();
            var loss = net.Loss(x, labels);
            loss.Backward();
            optimizer.Step();
            trace.Losses.Add(loss.Item());
            trace.Weights.Add(Flat(net.Parameters));
        }
        trace.Buffers.AddRange(Flat(net.Buffers));
        return trace;
    }

    private static double[] Flat(IEnumerable<Tensor> tensors) => [.. tensors.SelectMany(tensor => tensor.To(DType.Double).ToArray<double>())];

    private static double[] Sample(IReadOnlyList<double> all)
    {
        var count = Math.Min(Samples, all.Count);
        return [.. Enumerable.Range(0, count).Select(i => all[(int)((long)i * all.Count / count)])];
    }

    private static double[] Apart(double[] expected, double[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        return [.. expected.Zip(found, (a, b) => Math.Abs(a - b))];
    }

    private sealed record Trace(List<double> Losses, List<double[]> Weights, List<double> Buffers);
}
