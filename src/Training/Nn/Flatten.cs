namespace Anneal.Training.Nn;

/// <summary>Several axes as one: by default x [N,C,H,W] to y [N,C·H·W].</summary>
/// <param name="startAxis">The first of the axes; negative ones count from the end.</param>
/// <param name="endAxis">The last of them.</param>
public sealed class Flatten(int startAxis = 1, int endAxis = -1) : Module
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x)
    {
        var (start, end) = (startAxis < 0 ? startAxis + x.Rank : startAxis, endAxis < 0 ? endAxis + x.Rank : endAxis);
        if (start < 0 || end >= x.Rank || start > end)
            throw new Onnx.ShapeMismatchException($"{Title} makes one of the axes {startAxis} to {endAxis}; x {x.Shape} has no such axes.");
        return start == 1 && end == x.Rank - 1
            ? x.Flatten()
            : x.Reshape([.. x.Shape.Extents[..start], x.Shape.Product(start, end + 1), .. x.Shape.Extents[(end + 1)..]]);
    }
}

/// <summary>x itself: a place in a network that can be filled later.</summary>
public sealed class Identity : Module
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x) => x;
}
