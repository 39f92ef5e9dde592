using System.Collections.Frozen;
using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes.Folding;

/// <summary>Rule 3 of <see cref="FoldConstants"/>: operators that take elements from one place to another and change none.</summary>
internal static class ExactMoves
{
    private delegate TensorData? Move(Op op, TensorData?[] inputs, Fact output);

    private static readonly FrozenDictionary<Type, Move> Moves = new Dictionary<Type, Move>
    {
        [typeof(Identity)] = Rename,
        [typeof(Reshape)] = Rename,
        [typeof(Flatten)] = Rename,
        [typeof(Squeeze)] = Rename,
        [typeof(Unsqueeze)] = Rename,
        [typeof(Transpose)] = (op, inputs, output) => Transpose((Transpose)op, inputs[0]!, output),
        [typeof(Expand)] = (_, inputs, output) => Expand(inputs[0]!, output),
        [typeof(Slice)] = (_, inputs, output) => Slice(inputs, output),
        [typeof(Concat)] = (op, inputs, output) => Concat((Concat)op, inputs, output),
        [typeof(Gather)] = (op, inputs, output) => Gather((Gather)op, inputs[0]!, inputs[1]!, output),
        [typeof(ConstantOfShape)] = (op, _, output) => Expand(((ConstantOfShape)op).Value ?? TensorData.Scalar("", 0f), output),
        [typeof(Cast)] = (_, inputs, output) => ExactCast.Apply(inputs[0]!, output.DType),
        [typeof(CastLike)] = (_, inputs, output) => ExactCast.Apply(inputs[0]!, output.DType),
    }.ToFrozenDictionary();

    /// <summary>What an operator makes of constants; null when it does more than move elements, or they are no whole bytes.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="inputs">Its inputs; null where one is left out.</param>
    /// <param name="output">What is known of the output; its shape is static.</param>
    public static TensorData? Apply(Op op, TensorData?[] inputs, Fact output) =>
        Moves.TryGetValue(op.GetType(), out var move) && output.DType.Bits() >= 8 ? move(op, inputs, output) : null;

    private static TensorData Rename(Op op, TensorData?[] inputs, Fact output) =>
        TensorData.FromBytes("", output.DType, output.Shape!.ToExtents(), inputs[0]!.Bytes);

    private static TensorData Transpose(Transpose op, TensorData x, Fact output)
    {
        var view = StridedView.Of(x);
        int[] perm = op.Perm is null ? [.. Enumerable.Range(0, x.Dims.Length).Reverse()] : [.. op.Perm.Select(axis => (int)axis)];
        return view.Read(output.Shape!.ToExtents(), [.. perm.Select(axis => view.Strides[axis])], 0);
    }

    /// <summary>An axis along which x has one element only is walked in steps of nothing.</summary>
    private static TensorData Expand(TensorData x, Fact output)
    {
        var (view, dims) = (StridedView.Of(x), output.Shape!.ToExtents());
        var strides = new long[dims.Length];
        for (var i = 1; i <= Math.Min(x.Dims.Length, dims.Length); i++)
            strides[^i] = x.Dims[^i] == 1 ? 0 : view.Strides[^i];
        return view.Read(dims, strides, 0);
    }

    private static TensorData Slice(TensorData?[] inputs, Fact output)
    {
        var (x, starts) = (inputs[0]!, inputs[1]!.ToInt64s());
        var axes = inputs.ElementAtOrDefault(3)?.ToInt64s() ?? [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)];
        var steps = inputs.ElementAtOrDefault(4)?.ToInt64s() ?? [.. Enumerable.Repeat(1L, starts.Length)];
        var view = StridedView.Of(x);
        var (strides, offset) = ((long[])[.. view.Strides], 0L);
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = (int)(axes[i] < 0 ? axes[i] + x.Dims.Length : axes[i]);
            var (size, start) = (x.Dims[axis], starts[i] < 0 ? starts[i] + x.Dims[axis] : starts[i]);
            // Where nothing is taken the output is empty, and no place is read.
            offset += Math.Clamp(start, 0, Math.Max(0, size - 1)) * view.Strides[axis];
            strides[axis] *= steps[i];
        }
        return view.Read(output.Shape!.ToExtents(), strides, offset);
    }

    private static TensorData Concat(Concat op, TensorData?[] parts, Fact output)
    {
        var dims = output.Shape!.ToExtents();
        var axis = (int)(op.Axis < 0 ? op.Axis + dims.Length : op.Axis);
        var rows = Product(dims.AsSpan(0, axis));
        var joined = new byte[output.DType.ByteLength(Product(dims))];
        var at = 0;
        for (var row = 0; row < rows; row++)
            foreach (var part in parts)
            {
                var length = (int)(part!.Bytes.Length / Math.Max(1, rows));
                part.Bytes.Span.Slice(row * length, length).CopyTo(joined.AsSpan(at));
                at += length;
            }
        return TensorData.FromBytes("", output.DType, dims, joined);
    }

    private static TensorData? Gather(Gather op, TensorData data, TensorData indices, Fact output)
    {
        var axis = (int)(op.Axis < 0 ? op.Axis + data.Dims.Length : op.Axis);
        var (size, places) = (data.Dims[axis], indices.ToInt64s());
        if (places.Any(place => place < -size || place >= size))
            return null;
        var block = (int)output.DType.ByteLength(Product(data.Dims[(axis + 1)..]));
        var gathered = new byte[output.DType.ByteLength(Product(output.Shape!.ToExtents()))];
        var at = 0;
        for (var row = 0L; row < Product(data.Dims[..axis]) && at < gathered.Length; row++)
            foreach (var place in places)
            {
                var from = ((row * size) + (place < 0 ? place + size : place)) * block;
                data.Bytes.Span.Slice((int)from, block).CopyTo(gathered.AsSpan(at));
                at += block;
            }
        return TensorData.FromBytes("", output.DType, output.Shape!.ToExtents(), gathered);
    }

    private static long Product(ReadOnlySpan<long> extents)
    {
        var product = 1L;
        foreach (var extent in extents)
            product *= extent;
        return product;
    }
}
