using Anneal.Onnx;
using Anneal.Training.Optim;

namespace Anneal.Training.Tests.Optim;

/// <summary>Optimisers against libtorch's, and what they promise beside the formulas.</summary>
public sealed class OptimizerTests
{
    private static readonly Dictionary<string, Func<Parameter[], Optimizer>> Known = new()
    {
        ["sgd"] = w => new Sgd(w, new() { LearningRate = 0.1 }),
        ["sgd decay"] = w => new Sgd(w, new() { LearningRate = 0.1, WeightDecay = 0.03 }),
        ["sgd momentum"] = w => new Sgd(w, new() { LearningRate = 0.1, Momentum = 0.9 }),
        ["sgd dampening decay"] = w => new Sgd(w, new() { LearningRate = 0.1, Momentum = 0.8, Dampening = 0.4, WeightDecay = 0.02 }),
        ["sgd nesterov decay"] = w => new Sgd(w, new() { LearningRate = 0.05, Momentum = 0.9, Nesterov = true, WeightDecay = 0.02 }),
        ["adam"] = w => new Adam(w, new()),
        ["adam betas decay"] = w => new Adam(w, new() { LearningRate = 0.02, Beta1 = 0.8, Beta2 = 0.95, WeightDecay = 0.05, Epsilon = 1e-3 }),
        ["adamw"] = w => new AdamW(w, new()),
        ["adamw betas decay"] = w => new AdamW(w, new() { LearningRate = 0.02, Beta1 = 0.8, Beta2 = 0.95, WeightDecay = 0.3, Epsilon = 1e-3 }),
        ["rmsprop"] = w => new RmsProp(w, new()),
        ["rmsprop momentum decay"] = w => new RmsProp(w, new() { LearningRate = 0.02, Alpha = 0.9, Epsilon = 1e-4, WeightDecay = 0.05, Momentum = 0.7 }),
        ["rmsprop centered"] = w => new RmsProp(w, new() { Centered = true }),
        ["rmsprop centered momentum"] = w => new RmsProp(w, new() { LearningRate = 0.02, Alpha = 0.9, Epsilon = 1e-4, Momentum = 0.7, Centered = true }),
        ["adagrad"] = w => new Adagrad(w, new()),
        ["adagrad decay"] = w => new Adagrad(w, new() { LearningRate = 0.1, LearningRateDecay = 0.2, WeightDecay = 0.05, InitialAccumulator = 0.3, Epsilon = 1e-4 }),
    };

    public static TheoryData<string> Names => [.. Known.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Six_steps_end_where_those_of_libtorch_end(string name)
    {
        var expected = GoldenFile.Read("libtorch-optimisers.json").GetProperty("optimisers").Numbers(name);
        foreach (var (dtype, tolerance) in new[] { (DType.Double, 1e-14), (DType.Float32, 2e-6) })
        {
            var w = Start(dtype);
            var optimizer = Known[name]([w]);
            for (var step = 0; step < 6; step++)
                Take(optimizer, w, step);
            Assert.Equal(6, w.Version);
            Assert.All(w.To(DType.Double).ToArray<double>().Zip(expected), pair => Assert.InRange(pair.First, pair.Second - tolerance, pair.Second + tolerance));
        }
    }

    [Fact]
    public void Every_optimiser_has_been_compared() => Assert.Empty(typeof(Optimizer).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(Optimizer)))
        .Except(Known.Values.Select(create => create([Start(DType.Double)]).GetType())));

    [Theory, MemberData(nameof(Names))]
    public void A_state_that_is_saved_and_loaded_goes_on_with_the_same_bits(string name)
    {
        var (straight, resumed) = (Start(DType.Float32), Start(DType.Float32));
        straight.Name = resumed.Name = "layer.weight";
        var (optimizer, before) = (Known[name]([straight]), Known[name]([resumed]));
        for (var step = 0; step < 3; step++)
        {
            Take(optimizer, straight, step);
            Take(before, resumed, step);
        }
        Tensor[] state = [.. before.State().Select(tensor => Tensor.From(tensor.ToTensorData()))];
        Assert.All(state, tensor => Assert.StartsWith("layer.weight.", tensor.Name, StringComparison.Ordinal));
        var after = Known[name]([resumed]);
        after.Load(state);
        for (var step = 3; step < 6; step++)
        {
            Take(optimizer, straight, step);
            Take(after, resumed, step);
        }
        Assert.Equal(straight.ToArray<float>(), resumed.ToArray<float>());
    }

    [Theory, MemberData(nameof(Names))]
    public void Chunks_and_tails_change_no_bit(string name)
    {
        // The elements of a parameter that fills chunks and leaves a tail, and each of its first and last by itself.
        var count = (2 * Cpu.ElementLoops.Chunk) + 3;
        float[] start = [.. Enumerable.Range(0, count).Select(i => ((i * 13 % 7) - 3) / 5f)];
        float[] slope = [.. Enumerable.Range(0, count).Select(i => ((i * 37 % 19) - 9) / 7f)];
        var whole = new Parameter(Tensor.From(start));
        Parameter[] single = [.. new[] { 0, 1, count - 1 }.Select(i => new Parameter(Tensor.From(start[i])))];
        var (optimizer, small) = (Known[name]([whole]), Known[name](single));
        for (var step = 0; step < 2; step++)
        {
            whole.Grad = Tensor.From(slope);
            foreach (var (parameter, i) in single.Zip([0, 1, count - 1]))
                parameter.Grad = Tensor.From(slope[i]);
            optimizer.Step();
            small.Step();
        }
        Assert.Equal([whole.AsSpan<float>()[0], whole.AsSpan<float>()[1], whole.AsSpan<float>()[^1]], single.Select(parameter => parameter.AsSpan<float>()[0]));
    }

    [Fact]
    public void Groups_have_rates_and_decays_of_their_own()
    {
        Parameter matrix = new(Tensor.Ones([2, 3])), bias = new(Tensor.Ones([3])), head = new(Tensor.Ones([3, 1]));
        var groups = ParameterGroup.SplitByDecay([matrix, bias]);
        var optimizer = new Sgd([.. groups, new([head]) { LearningRate = 1 }], new() { LearningRate = 0.5, WeightDecay = 0.1 });
        foreach (var parameter in optimizer.Parameters)
            parameter.Grad = parameter.ZerosLike() + 0.25;
        optimizer.Step();
        Assert.Equal([1 - (0.5f * 0.35f), 1 - (0.5f * 0.25f), 1 - 0.35f], [matrix.AsSpan<float>()[0], bias.AsSpan<float>()[0], head.AsSpan<float>()[0]]);
        Assert.Single(ParameterGroup.SplitByDecay([bias]));
        Assert.Equal([bias], ParameterGroup.SplitByDecay([matrix, bias], parameter => parameter != bias)[1].Parameters);
    }

    [Fact]
    public void A_parameter_without_a_gradient_stays_and_costs_nothing()
    {
        Parameter trained = new(Tensor.Ones([2])), frozen = new(Tensor.Ones([2]));
        var optimizer = new AdamW([trained, frozen], new());
        trained.Grad = Tensor.Ones([2]);
        optimizer.Step();
        Assert.Equal((1, 0), (trained.Version, frozen.Version));
        Assert.Equal(["parameter0.mean", "parameter0.square", "parameter0.steps"], optimizer.State().Select(tensor => tensor.Name));
    }

    [Fact]
    public void Gradients_of_parts_add_up_to_that_of_the_batch()
    {
        var x = Tensor.From([.. Enumerable.Range(0, 12).Select(i => (i % 5) - 1.5)], [4, 3]).Keep();
        Parameter whole = new(Tensor.From([0.5, -1, 2], [3, 1])), parts = new(whole);
        (whole.Name, parts.Name) = ("whole", "parts");
        Loss(x, whole).Backward();
        for (var part = 0; part < 2; part++)
            (Loss(x.Slice(0, 2 * part, 2 * (part + 1)), parts) / 2).Backward();
        Assert.All(whole.Grad!.ToArray<double>().Zip(parts.Grad!.ToArray<double>()), pair => Assert.Equal(pair.First, pair.Second, 14));

        static Tensor Loss(Tensor x, Parameter w) => x.MatMul(w).Sigmoid().Mean();
    }

    [Fact]
    public void A_step_between_forward_and_backward_is_refused()
    {
        var w = new Parameter(Tensor.Ones([2])) { Name = "w" };
        var optimizer = new Sgd([w], new());
        var loss = (w * w).Sum();
        w.Grad = Tensor.Ones([2]);
        optimizer.Step();
        Assert.Contains("'w'", Assert.Throws<AnnealException>(() => loss.Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_are_named()
    {
        var w = new Parameter(Tensor.Ones([2])) { Name = "w" };
        Says("LearningRate", () => new Sgd([w], new() { LearningRate = -1 }));
        Says("Nesterov", () => new Sgd([w], new() { Nesterov = true }));
        Says("Beta2", () => new AdamW([w], new() { Beta2 = 1 }));
        Says("Epsilon", () => new RmsProp([w], new() { Epsilon = double.NaN }));
        Says("'w'", () => new Adagrad([w, w], new()));
        Says("no parameter", () => new Adam(Array.Empty<Parameter>(), new()));
        Says("LearningRate", () => new ParameterGroup([w]).LearningRate);
        Says("Backward", () => Do(new Sgd([w], new()).Step));
        Says("'w.velocity'", () => Do(() => new Sgd([w], new()).Load([new StateTensor(w) { Name = "w.velocity" }])));

        static void Says(string part, Func<object> mistake) => Assert.Contains(part, Assert.Throws<AnnealException>(mistake).Message, StringComparison.Ordinal);
        static object Do(Action action)
        {
            action();
            return action;
        }
    }

    private static Parameter Start(DType dtype) => new(Tensor.From([.. Enumerable.Range(0, 11).Select(i => ((i * 13 % 7) - 3) / 5.0)], [11]).To(dtype));

    private static void Take(Optimizer optimizer, Parameter w, int step)
    {
        w.Grad = Tensor.From([.. Enumerable.Range(0, 11).Select(i => ((((i * 37) + (step * 101)) % 19) - 9) / 7.0)], [11]).To(w.DType);
        optimizer.Step();
    }
}
