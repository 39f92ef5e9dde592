using Anneal.Onnx;

namespace Anneal.Runtime.Tests;

/// <summary>Tensors held against each other, and models node by node.</summary>
public sealed class ComparisonTests
{
    private static readonly double[] Clean = [0.25, 0.5, -0.75, 1];

    public static TheoryData<string, NamedTensor, NamedTensor, double, long[]?> Tensors => new()
    {
        { "equal", Floats(1, 2, 3, 4), Floats(1, 2, 3, 4), 0, null },
        { "relative to the largest expected", Floats(1, 2, 3, -4), Floats(1, 2.5f, 3, -4), 0.125, [0, 1] },
        { "the farthest, not the first", Floats(1, 2, 3, 4), Floats(1.5f, 2, 1, 4), 0.5, [1, 0] },
        { "no number on either side", Floats(1, float.NaN, 3, 4), Floats(1, float.NaN, 3, 4), 0, null },
        { "no number on one side", Floats(1, 2, 3, 4), Floats(1, 2, float.NaN, 4), double.PositiveInfinity, [1, 0] },
        { "zeros of both signs", Floats(0, 1, 1, 1), Floats(-0f, 1, 1, 1), 0, null },
        { "infinity on both sides", Floats(float.PositiveInfinity, 1, 1, 2), Floats(float.PositiveInfinity, 1, 1, 1), 0.5, [1, 1] },
        { "integers have no tolerance", NamedTensor.Create("v", new long[] { 1, 2 }, 2), NamedTensor.Create("v", new long[] { 1, 3 }, 2), double.PositiveInfinity, [1] },
        { "texts", NamedTensor.Create("v", new[] { "a", "b" }, 2), NamedTensor.Create("v", new[] { "a", "c" }, 2), double.PositiveInfinity, [1] },
        { "shapes", Floats(1, 2, 3, 4), NamedTensor.Create("v", new float[4], 4), double.PositiveInfinity, null },
        { "a scalar", NamedTensor.Create("v", new[] { 2f }), NamedTensor.Create("v", new[] { 3f }), 0.5, [] },
    };

    [Theory, MemberData(nameof(Tensors))]
    public void Tensors_are_as_far_apart_as_their_farthest_elements(string what, NamedTensor expected, NamedTensor found, double relative, long[]? at)
    {
        var difference = ValueDifference.Between(expected, found);
        Assert.True(difference.Relative == relative, $"{what}: {difference}");
        Assert.Equal(at, difference.At);
        Assert.Equal(what == "shapes", difference.Mismatch is not null);
    }

    [Theory]
    [InlineData(0, "a")]
    [InlineData(1, "b")]
    [InlineData(2, "c")]
    public void The_first_parting_node_is_the_one_whose_weight_is_wrong(int wrong, string value)
    {
        var weights = (double[])Clean.Clone();
        weights[wrong] += 0.5;
        var comparison = new NodeComparison(On(Chain(Clean)), On(Chain(weights)));

        var parting = comparison.Run(Input()).First(node => node.Difference.Relative > 1e-5);

        Assert.Equal((wrong, value), (parting.Index, parting.Difference.Name));
        Assert.Equal(0.5, parting.Difference.Absolute, 1e-6);
    }

    [Fact]
    public void Nothing_behind_the_parting_is_computed_and_small_lots_tell_the_same()
    {
        var engine = new CountingEngine();
        NodeComparison Compare(long bytes) => new(new(Chain(Clean), engine), new(Chain([9, 9, 9, 9]), engine)) { LotBytes = bytes };
        var all = Compare(1L << 20).Run(Input()).ToList();
        Assert.Equal((4, 2), (all.Count, engine.Opened));

        engine.Opened = 0;
        Assert.Equal(all.Select(node => node.Difference.Absolute), Compare(1).Run(Input()).Select(node => node.Difference.Absolute));
        Assert.Equal(8, engine.Opened);

        engine.Opened = 0;
        Assert.Equal(all[0].Index, Compare(1).Run(Input()).First(node => node.Difference.Relative > 1e-5).Index);
        Assert.Equal(2, engine.Opened);
    }

    [Fact]
    public void Values_that_only_one_model_has_are_named_and_left_out()
    {
        var other = Chain(Clean);
        other.Graph.Rename(other.Graph.Find("b")!, "something_else");
        var comparison = new NodeComparison(On(Chain(Clean)), On(other));
        Assert.Equal(["b"], comparison.Unmatched);
        Assert.Equal(["a", "c", "d"], comparison.Run(Input()).Select(node => node.Difference.Name));
    }

    [Fact]
    public void A_sequence_on_the_way_is_passed_over()
    {
        var graph = new Graph("sequence");
        var x = graph.AddInput("x", new TensorType(DType.Float32, new(4)));
        var parts = graph.AddNode("SplitToSequence", [x], ["parts"]).Outputs[0]!;
        graph.AddOutput(graph.AddNode("ConcatFromSequence", [parts], ["y"], NodeAttribute.Of("axis", 0)).Outputs[0]!);
        graph.Outputs[0].Type = new TensorType(DType.Float32, new("N"));

        var differences = new NodeComparison(On(Wrap(graph)), On(Wrap(graph))).Run(Input()).ToList();

        Assert.Equal(("y", 0.0), (Assert.Single(differences).Difference.Name, differences[0].Difference.Relative));
    }

    /// <summary>a = x + w0, b = a + w1 and so on, with no word on the types of what lies between.</summary>
    private static Model Chain(double[] weights)
    {
        var graph = new Graph("chain");
        var value = graph.AddInput("x", new TensorType(DType.Float32, new("N")));
        foreach (var (i, weight) in weights.Index())
            value = graph.AddNode("Add", [value, graph.AddInitializer(TensorData.Create($"w{i}", [(float)weight]))], [$"{(char)('a' + i)}"]).Outputs[0]!;
        value.Type = new TensorType(DType.Float32, new("N"));
        graph.AddOutput(value);
        return Wrap(graph);
    }

    private static Model Wrap(Graph graph)
    {
        var model = new Model(graph) { IrVersion = 8 };
        model.OperatorSets.Add(new("", 17));
        return model;
    }

    private static ModelOnEngine On(Model model) => new(model, new OrtEngine(), new() { Device = Device.Cpu, Spinning = false });

    private static NamedTensor[] Input() => [NamedTensor.Create("x", new float[] { 1, 2, 3, 4 }, 4)];

    private static NamedTensor Floats(params float[] numbers) => NamedTensor.Create("v", numbers, 2, 2);

    /// <summary>ONNX Runtime, and how often it was asked to open something.</summary>
    private sealed class CountingEngine : IEngine
    {
        private readonly OrtEngine _engine = new();

        public int Opened { get; set; }

        public string Name => _engine.Name;

        public IReadOnlyList<DeviceStatus> Devices => _engine.Devices;

        public IModelSession Open(ModelSource model, EngineOptions? options = null)
        {
            Opened++;
            return _engine.Open(model, options);
        }
    }
}
