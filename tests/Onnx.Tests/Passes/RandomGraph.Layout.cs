using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Tests.Passes;

internal sealed partial class RandomGraph
{
    private Func<bool>[] LayoutSteps() => [Concatenate, Concatenate, Divide2, Cut, FlattenByShape, FlattenByShape, ReshapeByZero, Turn, PadEdges, Repeat, GatherSome, Axes, Blocks, Enlarge, ExpandTo];

    private bool Concatenate()
    {
        if (FindShaped(2) is not { } x || Count(x) > MostElements)
            return false;
        var like = Find(value => value != x && RankOf(value) == RankOf(x) && ShapeOf(value).Where((_, axis) => axis != 1).SequenceEqual(ShapeOf(x).Where((_, axis) => axis != 1)));
        return Done(Apply(new Concat { Axis = 1 }, x, like ?? Element("Neg", x)));
    }

    private bool Divide2()
    {
        if (Find(value => RankOf(value) >= 2 && IsKnownBehindBatch(value) && Extent(value, 1) % 2 == 0) is not { } x)
            return false;
        var half = Extent(x, 1) / 2;
        var parts = _dice.OnceIn(2) ? _builder.ApplyMany(2, new Split { Axis = 1, NumOutputs = 2 }, x)
            : _builder.ApplyMany(3, new Split { Axis = 1 }, x, _builder.Ints(half, half - 1, 1));
        return Moved(x, parts[0]) & Moved(x, parts[^1]);
    }

    private bool Cut()
    {
        if (FindShaped(2) is not { } x)
            return false;
        var axis = RankOf(x) - 1;
        var extent = Extent(x, axis);
        return Moved(x, _dice.Roll(4) switch
        {
            0 => Apply(new Slice(), x, _builder.Ints(0), _builder.Ints(long.MaxValue), _builder.Ints(axis)),
            1 => Apply(new Slice(), x, _builder.Ints(-1), _builder.Ints(long.MinValue), _builder.Ints(axis), _builder.Ints(-1)),
            2 => Apply(new Slice(), x, _builder.Ints(0, 0), _builder.Ints(extent, long.MaxValue), _builder.Ints(-1, 0), _builder.Ints(2, 1)),
            _ => Apply(new Slice(), x, _builder.Ints(extent / 2), _builder.Ints(extent), _builder.Ints(axis)),
        });
    }

    /// <summary>As old exports flatten: the batch is read from the shape and put before -1.</summary>
    private bool FlattenByShape()
    {
        if (FindShaped(2) is not { } x)
            return false;
        var shape = Apply(new ShapeOf(), x);
        var batch = Apply(new Gather(), shape, _dice.OnceIn(2) ? _builder.Scalar(0L) : _builder.Constant(TensorData.Scalar("i", -(long)RankOf(x))));
        var target = Apply(new Concat { Axis = 0 }, Apply(new Unsqueeze(), batch, _builder.Ints(0)), _builder.Ints(-1));
        return Moved(x, Apply(new Reshape(), x, target));
    }

    private bool ReshapeByZero() => FindPicture() is { } x && Moved(x, _dice.Roll(3) switch
    {
        0 => _builder.Reshape(x, 0, 0, -1),
        1 => _builder.Reshape(x, 0, -1, 1, Extent(x, 3)),
        _ => _builder.Reshape(_builder.Reshape(x, 0, -1), -1, Extent(x, 1), Extent(x, 2), Extent(x, 3)),
    });

    private bool Turn()
    {
        if (FindPicture() is not { } x)
            return false;
        AttributeList<long> perm = _dice.Pick<AttributeList<long>>([0, 1, 3, 2], [0, 2, 3, 1], [0, 3, 1, 2]);
        var y = Apply(new Transpose { Perm = perm }, x);
        return Moved(x, y) & (!_dice.OnceIn(2) || Moved(x, Apply(new Transpose { Perm = [.. Enumerable.Range(0, 4).Select(axis => (long)perm.ToList().IndexOf(axis))] }, y)));
    }

    private bool PadEdges()
    {
        if (FindPicture() is not { } x || Count(x) > MostElements || Extent(x, 2) < 2 || Extent(x, 3) < 2)
            return false;
        var mode = _dice.Pick("constant", "reflect", "edge");
        return Moved(x, Apply(new Pad { Mode = mode }, x, _builder.Ints(0, 0, 1, 0, 0, 0, 0, 1), mode == "constant" ? _builder.Scalar(0.5f) : null));
    }

    private bool Repeat() => FindShaped(2) is { } x && Count(x) < MostElements / 2
        && Moved(x, Apply(new Tile(), x, _builder.Ints([.. Enumerable.Range(0, RankOf(x)).Select(axis => axis == 1 ? 2L : 1)])));

    private bool GatherSome()
    {
        if (FindShaped(2) is not { } x)
            return false;
        var last = Extent(x, RankOf(x) - 1) - 1;
        return Moved(x, _dice.OnceIn(3) && RankOf(x) > 2 ? Apply(new Gather { Axis = -1 }, x, _builder.Scalar(last)) : Apply(new Gather { Axis = -1 }, x, _builder.Ints(0, last, -1)));
    }

    private bool Axes()
    {
        if (FindShaped(2) is not { } x || RankOf(x) > 4)
            return false;
        var wider = Apply(new Unsqueeze(), x, _builder.Ints(1));
        return Moved(x, _dice.OnceIn(2) ? wider : Apply(new Squeeze(), wider, _builder.Ints(1)));
    }

    private bool Blocks() => Find(value => RankOf(value) == 4 && IsKnownBehindBatch(value) && Extent(value, 1) % 4 == 0) is { } x
        && Moved(x, Apply(new DepthToSpace { BlockSize = 2, Mode = _dice.Pick("DCR", "CRD") }, x));

    private bool Enlarge()
    {
        if (FindPicture() is not { } x || Count(x) > MostElements / 4)
            return false;
        var scales = _builder.Constant(TensorData.Create<float>("scales", [1, 1, 2, 2], 4));
        return _dice.OnceIn(2) ? Moved(x, Apply(new Resize { CoordinateTransformationMode = "asymmetric", NearestMode = "floor" }, x, null, scales))
            : Done(Apply(new Resize { Mode = "linear" }, x, null, scales));
    }

    /// <summary>A constant stretched to the shape of a value, as far as it is known when the graph runs.</summary>
    private bool ExpandTo() => FindShaped(2) is { } x && Count(x) <= MostElements
        && Done(Element("Add", x, Apply(new Expand(), Weight(1), Apply(new ShapeOf(), x))));
}
