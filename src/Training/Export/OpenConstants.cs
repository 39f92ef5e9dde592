using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes;

namespace Anneal.Training.Export;

/// <summary>
/// Writes constants. One that is the same with all extents of the input is stored; one that is not is computed from the extents, where that is exact:
/// <list type="number">
/// <item>The shape of a Reshape takes over an extent of what is reshaped (0), or has one that remains (-1).</item>
/// <item>A list of integers whose elements are extents of the input, or multiples of one, is put together from the input's Shape.</item>
/// <item>A tensor of one number everywhere, of such a shape, is filled when the graph runs.</item>
/// </list>
/// Anything else is refused: the first recording's number would be baked in.
/// </summary>
/// <param name="builder">Writes the graph.</param>
/// <param name="input">The graph's input.</param>
/// <param name="pair">The two recordings; null when no axis is open.</param>
/// <param name="axes">The open axes.</param>
internal sealed class OpenConstants(GraphBuilder builder, Value input, RecordingPair? pair, IReadOnlyList<OpenAxis> axes)
{
    private readonly Dictionary<(string Form, TensorContent Content), Value> _stored = [];
    private readonly Dictionary<OpenAxis, Value> _extents = [];

    /// <summary>Writes the graph.</summary>
    public GraphBuilder Builder => builder;

    /// <summary>Writes a constant that is an input of a call.</summary>
    /// <exception cref="AnnealException">It depends on an extent of the input in a way that cannot be said.</exception>
    public Value Write(RecordedCall call, int index, TensorData first)
    {
        var second = pair?.OtherConstant(call, index) ?? first;
        if (RecordedConstant.AreEqual(first, second))
            return Store(first);
        if (call.Op is Reshape { AllowZero: false } && index == 1 && ReshapeTo(call, first, second) is { } shape)
            return Store(TensorData.Create("shape", shape, shape.Length));
        if (first.DType == DType.Int64 && first.Dims.SequenceEqual(second.Dims) && first.Dims.Length <= 1 && Numbers(first.ToInt64s(), second.ToInt64s()) is { } numbers)
            return first.Dims.Length == 0 ? builder.Apply(new Squeeze(), numbers, Ints(0)) : numbers;
        if (RecordedConstant.AreFilledAlike(first, second) && Numbers(first.Dims.ToArray(), second.Dims.ToArray()) is { } dims)
            return builder.Apply(new ConstantOfShape { Value = RecordedConstant.First(first) }, dims);
        throw Refuse(call, index, first, second);
    }

    /// <summary>Rule 1: exact, because the number of elements decides the one extent that remains.</summary>
    private long[]? ReshapeTo(RecordedCall call, TensorData first, TensorData second)
    {
        var (a, b) = (first.ToInt64s(), second.ToInt64s());
        if (a.Length != b.Length)
            return null;
        var (x, other) = (call.Inputs[0]!.Shape, OtherShape(call.Inputs[0]!));
        var isRemainderFree = !a.Contains(-1);
        for (var i = 0; i < a.Length; i++)
        {
            if (a[i] == b[i])
                continue;
            if (i < x.Rank && i < other.Rank && a[i] == x[i] && b[i] == other[i])
                a[i] = 0;
            else if (isRemainderFree)
                (a[i], isRemainderFree) = (-1, false);
            else
                return null;
        }
        return a;
    }

    private TensorShape OtherShape(RecordedValue value) => value.Mutable is null && value.Constant is null ? pair!.Other(value).Shape : value.Shape;

    /// <summary>Rule 2: pieces that stay are stored, the others come from the input's shape. Null where a number is none of its extents.</summary>
    private Value? Numbers(long[] first, long[] second)
    {
        if (first.Length == 0 || first.Length != second.Length)
            return null;
        var sources = new (OpenAxis? Axis, long Number)[first.Length];
        for (var i = 0; i < first.Length; i++)
        {
            sources[i] = first[i] == second[i] ? (null, first[i]) : Source(first[i], second[i]);
            if (sources[i] is (null, _) && first[i] != second[i])
                return null;
        }
        List<Value> pieces = [.. sources.Select(source => source.Axis is null ? Ints(source.Number) : Extent(source.Axis, source.Number))];
        return pieces is [var only] ? only : builder.Apply(new Concat { Axis = 0 }, [.. pieces]);
    }

    private (OpenAxis? Axis, long Multiple) Source(long first, long second)
    {
        foreach (var axis in axes)
            if (axis.Multiple(first, second) is > 0 and var multiple)
                return (axis, multiple);
        return default;
    }

    private Value Extent(OpenAxis axis, long multiple)
    {
        if (!_extents.TryGetValue(axis, out var extent))
            _extents.Add(axis, extent = builder.Apply(new ShapeOf { Start = axis.Axis, End = axis.Axis + 1 }, input));
        return multiple == 1 ? extent : builder.Elementwise("Mul", extent, Ints(multiple));
    }

    private Value Ints(params ReadOnlySpan<long> numbers) => Store(TensorData.Create("ints", numbers.ToArray(), numbers.Length));

    private Value Store(TensorData tensor)
    {
        var key = ($"{tensor.DType} {string.Join(',', tensor.Dims.ToArray())}", new TensorContent(tensor));
        if (!_stored.TryGetValue(key, out var value))
            _stored.Add(key, value = builder.Constant(tensor.Name.Length > 0 ? tensor : tensor.WithName("constant")));
        return value;
    }

    private static AnnealException Refuse(RecordedCall call, int index, TensorData first, TensorData second) => new(
        $"{call.Title} cannot be written: its input {index} is a constant that depends on an extent of the input ({Text(first)} and {Text(second)} in two recordings), and the file would hold "
        + "one of them for good. Compute it with tensors (Mean in place of a division by the batch, Tensor.Apply(new ShapeOf(), x) for an extent as a number), "
        + $"or give the axis a fixed extent ({nameof(ExportOptions)}.{nameof(ExportOptions.DynamicBatch)} or {nameof(ExportOptions.DynamicAxes)}).");

    private static string Text(TensorData tensor) => tensor.ElementCount switch
    {
        <= 8 when tensor.DType.IsInteger() => $"[{string.Join(',', tensor.ToInt64s())}]",
        <= 8 when tensor.DType is DType.Float32 or DType.Double => $"[{string.Join(',', tensor.ToFloats().Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)))}]",
        _ => $"{tensor.DType} [{string.Join(',', tensor.Dims.ToArray())}]",
    };
}
