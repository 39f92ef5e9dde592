using Anneal.Onnx;

namespace Anneal.Training.Ops;

/// <summary>Scales and zero points of quantised tensors, stretched so that they broadcast over the tensor they belong to.</summary>
internal static class Scales
{
    /// <summary>A scale or zero point as it broadcasts over x: one for all, one for each row along an axis, or one for each block of rows.</summary>
    /// <param name="parameter">A scalar, a vector along the axis, or, for blocks, as many axes as x.</param>
    /// <param name="x">The shape of what it belongs to.</param>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <param name="blockSize">How many neighbours along the axis share one; 0 when they are no blocks.</param>
    public static Tensor Over(Tensor parameter, TensorShape x, long axis, long blockSize)
    {
        if (blockSize > 0)
            return Blocks(parameter, x, AxisOf(x, axis), (int)blockSize);
        if (parameter.Count == 1 || parameter.Rank == 1)
            return parameter.Count == 1 ? Free(parameter) : Along(parameter, AxisOf(x, axis), x.Rank);
        throw new ShapeMismatchException($"A scale should be a scalar or a vector along an axis, or blocks with block_size; {parameter.Title} was given for {x}.");
    }

    /// <summary>A vector that runs along an axis of a tensor with so many axes; a single number is for all.</summary>
    public static Tensor Along(Tensor vector, int axis, int rank)
    {
        var extents = new int[rank];
        Array.Fill(extents, 1);
        extents[axis] = vector.Count;
        return vector.Count == 1 ? Free(vector) : vector.Reshape(extents);
    }

    /// <summary>A single number without axes, so that it gives none to what it goes with; several as they are.</summary>
    public static Tensor Free(Tensor parameter) => parameter.Count == 1 ? parameter.Reshape([]) : parameter;

    /// <summary>The axis from 0 on; a vector has but one, whatever the default says.</summary>
    private static int AxisOf(TensorShape x, long axis)
    {
        var counted = x.Rank == 1 ? 0 : Axes.Count(axis, x.Rank);
        return counted >= 0 && counted < x.Rank
            ? counted
            : throw new ShapeMismatchException($"The scale's axis {axis} is none of the {x.Rank} axes of {x}.");
    }

    private static Tensor Blocks(Tensor parameter, TensorShape x, int axis, int blockSize)
    {
        int[] blocks = [.. x];
        blocks[axis] = (x[axis] + blockSize - 1) / blockSize;
        if (parameter.Shape != TensorShape.Of(blocks))
            throw new ShapeMismatchException($"Blocks of {blockSize} along axis {axis} of {x} have scales {TensorShape.Of(blocks)}; {parameter.Title} was given.");
        int[] repeated = [.. blocks[..(axis + 1)], blockSize, .. blocks[(axis + 1)..]];
        int[] joined = [.. blocks];
        joined[axis] *= blockSize;
        return parameter.Unsqueeze(axis + 1).BroadcastTo(TensorShape.Of(repeated)).Reshape(joined).Slice(axis, 0, x[axis]);
    }
}
