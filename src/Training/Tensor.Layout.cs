using Anneal.Onnx.Ops;

namespace Anneal.Training;

public partial class Tensor
{
    /// <summary>The same elements in another shape; one extent may be -1 and follows from the others.</summary>
    public Tensor Reshape(params ReadOnlySpan<int> extents) => Apply(Known.Reshape, this, Ints(extents));

    /// <summary>All axes from one on as one, and those before it as another: <c>[N,C,H,W]</c> to <c>[N,C·H·W]</c>.</summary>
    public Tensor Flatten(int axis = 1) => Apply(axis == 1 ? Known.Flatten : new Flatten { Axis = axis }, this);

    /// <summary>The axes in another order; none named: in reverse.</summary>
    public Tensor Transpose(params ReadOnlySpan<int> perm) => Apply(new Transpose { Perm = perm.Length == 0 ? null : new(Widen(perm)) }, this);

    /// <summary>Without the named axes, which have an extent of 1.</summary>
    public Tensor Squeeze(params ReadOnlySpan<int> axes) => Apply(Known.Squeeze, this, axes.Length == 0 ? null : Ints(axes));

    /// <summary>With axes of extent 1 put in, named as axes of the result.</summary>
    public Tensor Unsqueeze(params ReadOnlySpan<int> axes) => Apply(Known.Unsqueeze, this, Ints(axes));

    /// <summary>The elements from <paramref name="start"/> to before <paramref name="end"/> along an axis; negative numbers count from the end.</summary>
    public Tensor Slice(int axis, int start, int end, int step = 1) => Apply(new Slice(), this, Ints([start]), Ints([end]), Ints([axis]), Ints([step]));

    /// <summary>The rows with these numbers along an axis, in their order; a row may come twice.</summary>
    public Tensor Gather(int axis, params long[] numbers) => Apply(new Gather { Axis = axis }, this, From(numbers, [numbers.Length]));

    /// <summary>Tensors one after the other along an axis.</summary>
    public static Tensor Concat(long axis, params ReadOnlySpan<Tensor?> tensors) => Apply(new Concat { Axis = axis }, tensors);

    /// <summary>Repeated along axes of extent 1 until it has the shape; the tensor itself when it has it.</summary>
    public Tensor BroadcastTo(TensorShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return shape == Shape ? this : Apply(Known.Expand, this, Ints(shape.Extents));
    }

    /// <summary>The gradient of a broadcast: summed over the axes along which a tensor of the smaller shape was repeated.</summary>
    internal Tensor SumTo(TensorShape shape)
    {
        if (shape == Shape)
            return this;
        Span<int> axes = stackalloc int[Rank];
        var count = 0;
        for (var i = 1; i <= Rank; i++)
            if (i > shape.Rank || (shape[^i] == 1 && Shape[^i] != 1))
                axes[count++] = Rank - i;
        var sum = count == 0 ? this : SumKeep(axes[..count]);
        return sum.Shape == shape ? sum : sum.View(shape);
    }

    private static Tensor Ints(ReadOnlySpan<int> values)
    {
        Span<long> wide = stackalloc long[values.Length];
        for (var i = 0; i < wide.Length; i++)
            wide[i] = values[i];
        return NumberLists.Of(wide);
    }

    private static long[] Widen(ReadOnlySpan<int> values)
    {
        var wide = new long[values.Length];
        for (var i = 0; i < wide.Length; i++)
            wide[i] = values[i];
        return wide;
    }
}
