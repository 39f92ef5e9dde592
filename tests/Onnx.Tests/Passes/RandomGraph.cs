using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Tests.Passes;

/// <summary>
/// A valid graph of many operators, made up from a seed: each step takes values that were made before and makes new ones, and the first steps do
/// not depend on how many follow. Numbers stay of moderate size; what jumps at a threshold (TopK, comparisons) sees only numbers that no pass
/// rounds in another way.
/// </summary>
internal sealed partial class RandomGraph
{
    private const long MostElements = 6000;

    private readonly GraphBuilder _builder;
    private readonly Dice _dice;
    private readonly List<Value> _values = [];
    private readonly HashSet<Value> _exact = [];
    private readonly List<TensorData> _weights = [];
    private readonly List<Value> _others = [];
    private readonly Value _flag;

    private RandomGraph(int seed, long opset)
    {
        _dice = new((ulong)seed);
        _builder = new($"random{seed}", opset);
        Batch = _dice.Pick<Dim>("N", "N", 1, 2);
        RealBatch = Batch.IsKnown ? Batch.Value : _dice.Between(1, 3);
        long[] picture = [_dice.Pick(2, 4, 6), _dice.Between(4, 8), _dice.Between(4, 8)];
        AddInput("x", picture);
        if (_dice.OnceIn(2))
            AddInput("x2", picture);
        _flag = _builder.Input("flag", DType.Bool, Shape.Scalar);
        Inputs.Add(TensorData.Scalar("flag", _dice.OnceIn(2)));
    }

    /// <summary>The inputs to run it on.</summary>
    public List<TensorData> Inputs { get; } = [];

    /// <summary>The model.</summary>
    public Model Model { get; private set; } = new(new());

    /// <summary>The batch as the graph states it.</summary>
    public Dim Batch { get; }

    /// <summary>The batch of <see cref="Inputs"/>.</summary>
    public long RealBatch { get; }

    /// <summary>Makes a graph.</summary>
    /// <param name="seed">Another seed, another graph.</param>
    /// <param name="steps">How many steps; a smaller graph of one seed is the beginning of a larger one.</param>
    /// <param name="opset">The operator set.</param>
    public static RandomGraph Make(int seed, int steps, long opset)
    {
        var graph = new RandomGraph(seed, opset);
        var table = graph.Steps();
        for (var i = 0; i < steps; i++)
            while (!graph._dice.Pick(table)())
            {
                // The values so far do not suit every step: another one then.
            }
        graph.AddOutputs(new((ulong)seed + 1));
        return graph;
    }

    private Func<bool>[] Steps() => [.. LayerSteps(), .. ElementSteps(), .. LayoutSteps(), .. ControlSteps()];

    private void AddInput(string name, long[] picture)
    {
        _exact.Add(Keep(_builder.Input(name, DType.Float32, new([Batch, .. picture.Select(Dim.Of)]))));
        Inputs.Add(Random(name, [RealBatch, .. picture]));
    }

    /// <summary>The last value and some before it: what leads to none of them is unused.</summary>
    private void AddOutputs(Dice dice)
    {
        var candidates = _values.Where(value => value.Producer is not null).Concat(_others).ToList();
        if (candidates.Count == 0)
            candidates.Add(_values[0]);
        for (var i = dice.Between(1, 3); i > 0 && candidates.Count > 0; i--)
        {
            var value = candidates[i == 1 ? candidates.Count - 1 : dice.Roll(candidates.Count)];
            candidates.Remove(value);
            _builder.Output($"out{i}", value);
        }
        Model = _builder.Build();
    }

    private Value Keep(Value value)
    {
        _values.Add(value);
        return value;
    }

    private bool Done(Value value)
    {
        _values.Add(value);
        return true;
    }

    /// <summary>Keeps a value whose numbers are some of those of its source, bit by bit.</summary>
    private bool Moved(Value source, Value value)
    {
        if (_exact.Contains(source))
            _exact.Add(value);
        return Done(value);
    }

    /// <summary>A value that suits, the latest most likely; null when none does.</summary>
    private Value? Find(Func<Value, bool> suits)
    {
        var fitting = _values.Where(suits).ToList();
        if (fitting.Count == 0)
            return null;
        return _dice.OnceIn(3) ? _dice.Pick(fitting) : fitting[^_dice.Between(1, Math.Min(2, fitting.Count))];
    }

    private Value? FindPicture() => Find(value => RankOf(value) == 4 && IsKnownBehindBatch(value));

    private Value? FindShaped(int leastRank = 1) => Find(value => RankOf(value) >= leastRank && IsKnownBehindBatch(value));

    private static int RankOf(Value value) => ((TensorType)value.Type!).Shape?.Rank ?? -1;

    private static bool IsKnownBehindBatch(Value value) => ShapeOf(value).Skip(1).All(dim => dim.IsKnown && dim.Value > 0);

    private static Shape ShapeOf(Value value) => ((TensorType)value.Type!).Shape!;

    private static long Extent(Value value, int axis) => ShapeOf(value)[axis].Value;

    /// <summary>How many elements there are at most, when the batch is 3.</summary>
    private static long Count(Value value) => ShapeOf(value).Aggregate(1L, (product, dim) => product * (dim.IsKnown ? dim.Value : 3));

    private Value Apply(Op op, params Value?[] inputs) => _builder.Apply(op, inputs);

    private Value Element(string name, params Value[] inputs) => _builder.Elementwise(name, inputs);

    /// <summary>A constant with random numbers; now and then equal to one before, or the same.</summary>
    private Value Weight(params long[] dims)
    {
        var fanIn = dims.Skip(1).Aggregate(1L, (product, extent) => product * extent);
        var before = _weights.FirstOrDefault(weight => weight.Dims.SequenceEqual(dims));
        if (before is not null && _dice.OnceIn(2))
            return _dice.OnceIn(2) && _builder.Facts[_lastWeight!].Constant!.Dims.SequenceEqual(dims) ? _lastWeight! : _builder.Constant(before);
        var weight = Random("w", dims, 1.5f / MathF.Sqrt(fanIn));
        _weights.Add(weight);
        return _lastWeight = _builder.Constant(weight);
    }

    private Value? _lastWeight;

    private Value Positive(params long[] dims) => _builder.Constant(TensorData.Create("v", Array.ConvertAll(Random("", dims).ToFloats(), number => 1 + (number / 2)), dims));

    private TensorData Random(string name, long[] dims, float limit = 1)
    {
        var numbers = new float[dims.Aggregate(1L, (product, extent) => product * extent)];
        foreach (ref var number in numbers.AsSpan())
            number = _dice.Number() * limit;
        return TensorData.Create(name, numbers, dims);
    }
}
