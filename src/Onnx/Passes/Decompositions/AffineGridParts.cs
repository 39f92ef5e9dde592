using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes.Decompositions;

/// <summary>A grid of places in homogeneous coordinates (x, y, 1) or (x, y, z, 1), times a matrix for each picture.</summary>
internal static class AffineGridParts
{
    public static void Write(Replacement to)
    {
        var op = to.Read<AffineGrid>();
        var axes = Axes(to);
        var size = to.Input(1);
        var space = to.Add("space", "Slice", [size, to.Ints(2), to.Ints(2 + axes), to.Ints(0)]);
        var column = to.Add("column_shape", "Concat", [space, to.Ints(1)], NodeAttribute.Of("axis", 0));
        List<Value> coordinates = [];
        for (var axis = axes - 1; axis >= 0; axis--)
            coordinates.Add(to.Add($"coordinate_{axis}", "Expand", [Along(to, op, space, axis, axes), column]));
        coordinates.Add(to.Add("ones", "Expand", [to.ScalarLike(0, 1), column]));
        var places = to.Add("places", "Concat", coordinates, NodeAttribute.Of("axis", -1));
        var rows = to.Add("rows", "Reshape", [places, to.Ints(1, -1, axes + 1)]);
        var moved = to.Add("moved", "MatMul", [rows, to.Add("turned", "Transpose", [to.Input(0)], NodeAttribute.Of("perm", 0, 2, 1))]);
        var shape = to.Add("shape", "Concat", [to.Extent(to.Input(0), 0, to.Extents(0, 3)[0]), space, to.Ints(axes)], NodeAttribute.Of("axis", 0));
        to.Give(0, to.Add("grid", "Reshape", [moved, shape]));
    }

    private static int Axes(Replacement to)
    {
        if (to.Shape(1) is { Rank: 1 } list && list[0] is { IsKnown: true, Value: 4 or 5 })
            return (int)list[0].Value - 2;
        return to.Extents(0, 3)[1] is { IsKnown: true } rows ? (int)rows.Value : throw to.TooLittle("whether the grid has two or three axes");
    }

    /// <summary>The coordinates along one axis, shaped to be stretched over the others and a last one.</summary>
    private static Value Along(Replacement to, AffineGrid op, Value space, int axis, int axes)
    {
        var extent = to.Add("extent", "Slice", [space, to.Ints(axis), to.Ints(axis + 1), to.Ints(0)]);
        var index = to.Add("index", "CastLike", [to.Count("count", extent), to.Input(0)]);
        var twice = to.Add("twice", "Mul", [index, to.ScalarLike(0, 2)]);
        // Middles of n elements lie at (2 i + 1) / n - 1; with the outermost ones at -1 and 1, at 2 i / (n - 1) - 1.
        var (over, under) = op.AlignCorners
            ? (twice, to.Add("steps", "Max", [to.Add("fewer", "Sub", [extent, to.Ints(1)]), to.Ints(1)]))
            : (to.Add("middle", "Add", [twice, to.ScalarLike(0, 1)]), extent);
        var share = to.Add("share", "Div", [over, to.Add("under", "CastLike", [under, to.Input(0)])]);
        var coordinate = to.Add("coordinate", "Sub", [share, to.ScalarLike(0, 1)]);
        long[] shape = [.. Enumerable.Repeat(1L, axes + 1)];
        shape[axis] = -1;
        return to.Add("coordinate_column", "Reshape", [coordinate, to.Ints(shape)]);
    }
}
