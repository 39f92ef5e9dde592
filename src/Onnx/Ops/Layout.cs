using System.Globalization;

namespace Anneal.Onnx.Ops;

/// <summary>The family of operators that move or rename elements and compute nothing.</summary>
internal static class Layout
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new Identity(), [1, 13, 14, 16, 19, 21, 23, 24, 25], 1, 1),
        new(new Reshape(), [1, 5, 13, 14, 19, 21, 23, 24, 25], 2, 2),
        new(new Flatten(), [1, 9, 11, 13, 21, 23, 24, 25], 1, 1),
        new(new Transpose(), [1, 13, 21, 23, 24, 25], 1, 1),
        new(new Squeeze(), [1, 11, 13, 21, 23, 24, 25], 1, 2),
        new(new Unsqueeze(), [1, 11, 13, 21, 23, 24, 25], 2, 2),
        new(new Expand(), [8, 13], 2, 2),
        new(new Tile(), [1, 6, 13], 2, 2),
        new(new Concat(), [1, 4, 11, 13], 1, OpEntry.Any),
        new(new Split(), [1, 2, 11, 13, 18], 1, 2, OpEntry.Any),
        new(new Slice(), [1, 10, 11, 13], 3, 5),
        new(new Pad(), [1, 2, 11, 13, 18, 19, 21, 23, 24, 25], 2, 4),
        new(new CenterCropPad(), [18], 2, 2),
        new(new DepthToSpace(), [1, 11, 13], 1, 1),
        new(new SpaceToDepth(), [1, 13], 1, 1),
        new(new Trilu(), [14], 1, 2),
        new(new ReverseSequence(), [10], 2, 2),
    ];
}

/// <summary>x itself (ONNX operator <c>Identity</c>).</summary>
public sealed record Identity : Op
{
    internal override void Infer(Inference facts) => facts.Output(0, facts.Input(0));
}

/// <summary>
/// The elements of x in the same order under another shape, which is the second input: a number, 0 for x's own extent of that axis, or, once,
/// -1 for what remains (ONNX operator <c>Reshape</c>).
/// </summary>
public sealed record Reshape : Op
{
    /// <summary>Whether 0 means an extent of 0 instead of x's own.</summary>
    public bool AllowZero { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with { AllowZero = attributes.Flag("allowzero", AllowZero, false) };

    internal override void Infer(Inference facts)
    {
        var (x, asked) = (facts.Shape(0), facts.List(1));
        var shape = asked is null ? null : Resolve(facts, x, asked);
        facts.Output(0, facts.DType(0), shape, Elements.Keep(facts.Input(0), shape));
    }

    private Shape Resolve(Inference facts, Shape? x, IReadOnlyList<Dim> asked)
    {
        var dims = new Dim[asked.Count];
        var (copied, open) = (new HashSet<int>(), -1);
        for (var axis = 0; axis < dims.Length; axis++)
            switch (asked[axis])
            {
                case { IsKnown: true, Value: 0 } when !AllowZero:
                    dims[axis] = Copy(facts, x, axis);
                    copied.Add(axis);
                    break;
                case { IsKnown: true, Value: -1 }:
                    open = open < 0 ? axis : throw facts.Refuse("only one extent may be -1");
                    break;
                case { IsKnown: true, Value: < 0 } negative:
                    throw facts.Refuse($"extent {negative} is neither -1 nor 0 nor positive");
                default:
                    dims[axis] = asked[axis];
                    break;
            }
        if (open >= 0)
            dims[open] = x is null ? Dim.Unknown : Remainder(facts, x, dims, copied, open);
        return Checked(facts, x, new(dims));
    }

    private static Dim Copy(Inference facts, Shape? x, int axis)
    {
        if (x is null)
            return Dim.Unknown;
        return axis < x.Rank ? x[axis] : throw facts.Refuse($"extent {axis} is 0, which stands for that of x, and x has {x.Rank} axes");
    }

    /// <summary>What -1 stands for: x's elements over those of the other axes. Axes taken over as they are cancel, known or not.</summary>
    private static Dim Remainder(Inference facts, Shape x, Dim[] dims, HashSet<int> copied, int open)
    {
        var left = x.Where((_, axis) => !copied.Contains(axis)).ToList();
        var taken = Dim.Of(1);
        for (var axis = 0; axis < dims.Length; axis++)
            if (axis == open || copied.Contains(axis))
                continue;
            else if (dims[axis].IsKnown)
                taken = Extent.Multiply(taken, dims[axis]);
            else if (dims[axis].IsUnknown || !left.Remove(dims[axis]))
                return Dim.Unknown;
        var known = Extent.Product(left.Where(dim => dim.IsKnown));
        left.RemoveAll(dim => dim.IsKnown);
        if (taken == 0)
            throw facts.Refuse("-1 has no meaning beside an extent of 0");
        if (left.Count > 0 || !known.IsKnown || !taken.IsKnown)
            return left.Count == 1 && known == taken && known.IsKnown ? left[0] : Dim.Unknown;
        return known.Value % taken.Value == 0
            ? known.Value / taken.Value
            : throw facts.Refuse($"{known} elements do not fall into {taken} equal parts");
    }

    private static Shape Checked(Inference facts, Shape? x, Shape shape) =>
        x is { IsStatic: true } && shape.IsStatic && Extent.Product(x) != Extent.Product(shape)
            ? throw facts.Refuse($"{Extent.Product(x)} elements do not fit {shape}")
            : shape;
}

/// <summary>x as a matrix: the axes before <see cref="Axis"/> make the rows, the others the columns (ONNX operator <c>Flatten</c>).</summary>
public sealed record Flatten : Op
{
    /// <summary>The first axis of the columns, 0 to the rank; negative counts from the end.</summary>
    public long Axis { get; init; } = 1;

    private protected override Op Through(AttributeVisitor attributes) => this with { Axis = attributes.Int("axis", Axis, 1) };

    internal override void Infer(Inference facts)
    {
        if (facts.Shape(0) is not { } x)
        {
            facts.Output(0, facts.DType(0), new(Dim.Unknown, Dim.Unknown));
            return;
        }
        // One past the last axis is allowed here: then all axes are rows.
        var axis = Axis == x.Rank ? x.Rank : facts.Axis(Axis, x.Rank);
        facts.Output(0, facts.DType(0), new(Extent.Product(x.Take(axis)), Extent.Product(x.Skip(axis))));
    }
}

/// <summary>x with its axes in another order (ONNX operator <c>Transpose</c>).</summary>
public sealed record Transpose : Op
{
    /// <summary>For each axis of the result, the axis of x it is; null means the reverse order.</summary>
    public AttributeList<long>? Perm { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with { Perm = attributes.Ints("perm", Perm) };

    internal override void Infer(Inference facts)
    {
        if (facts.Shape(0) is not { } x)
        {
            facts.Output(0, facts.DType(0), Perm is null ? null : Elements.AnyOfRank(Perm.Count));
            return;
        }
        var perm = Perm is null ? [.. Enumerable.Range(0, x.Rank).Reverse()] : facts.Axes(Perm, x.Rank);
        if (perm.Length != x.Rank || Perm is not null && Perm.Any(axis => axis < 0))
            throw facts.Refuse($"perm should name each of the {x.Rank} axes once, from 0, and is {Perm}");
        var shape = new Shape([.. perm.Select(axis => x[axis])]);
        facts.Output(0, facts.DType(0), shape, Moved(facts.Input(0), shape, perm));
    }

    private static Dim[]? Moved(Fact x, Shape shape, int[] perm)
    {
        var source = new long[perm.Length];
        return x.Elements is not { } elements ? null : Elements.Fill(shape, index =>
        {
            for (var axis = 0; axis < perm.Length; axis++)
                source[perm[axis]] = index[axis];
            return elements[Elements.Position(x.Shape!, source)];
        });
    }
}

/// <summary>x without some axes of extent 1: those that the second input lists, or all (ONNX operator <c>Squeeze</c>).</summary>
public sealed record Squeeze : Op
{
    internal override void Infer(Inference facts)
    {
        var shape = Squeezed(facts);
        facts.Output(0, facts.DType(0), shape, Elements.Keep(facts.Input(0), shape));
    }

    private static Shape? Squeezed(Inference facts)
    {
        if (facts.Shape(0) is not { } x)
            return null;
        if (!facts.Has(1))
            return x.IsStatic ? new([.. x.Where(dim => dim.Value != 1)]) : null;
        var listed = facts.List(1);
        if (facts.Axes(listed, x.Rank) is { } axes)
            return new([.. x.Where((dim, axis) => !axes.Contains(axis) || (dim is { IsKnown: true, Value: not 1 }
                ? throw facts.Refuse($"axis {axis} has extent {dim}; only an axis of extent 1 can be taken away")
                : false))]);
        if (listed?.Count > x.Rank)
            throw facts.Refuse($"there are {listed.Count} axes to take away and {x.Rank} in all");
        return listed is null ? null : Elements.AnyOfRank(x.Rank - listed.Count);
    }
}

/// <summary>x with axes of extent 1 put in, which the second input lists as axes of the result (ONNX operator <c>Unsqueeze</c>).</summary>
public sealed record Unsqueeze : Op
{
    internal override void Infer(Inference facts)
    {
        var shape = Unsqueezed(facts);
        facts.Output(0, facts.DType(0), shape, Elements.Keep(facts.Input(0), shape));
    }

    private static Shape? Unsqueezed(Inference facts)
    {
        if (facts.Shape(0) is not { } x || facts.List(1) is not { } listed)
            return null;
        var rank = x.Rank + listed.Count;
        if (facts.Axes(listed, rank) is not { } axes)
            return Elements.AnyOfRank(rank);
        var old = new Queue<Dim>(x);
        return new([.. Enumerable.Range(0, rank).Select(axis => axes.Contains(axis) ? 1 : old.Dequeue())]);
    }
}

/// <summary>x broadcast together with a shape, which is the second input (ONNX operator <c>Expand</c>).</summary>
public sealed record Expand : Op
{
    internal override void Infer(Inference facts)
    {
        var asked = facts.List(1);
        if (asked is not null && asked.Any(extent => extent is { IsKnown: true, Value: < 0 }))
            throw facts.Refuse("an extent is negative");
        var shape = facts.Broadcast(facts.Shape(0), asked is null ? null : new([.. asked]));
        facts.Output(0, facts.DType(0), shape, Repeated(facts.Input(0), shape));
    }

    private static Dim[]? Repeated(Fact x, Shape? shape) => x.Elements is not { } elements ? null : Elements.Fill(shape, index =>
    {
        var source = index[(index.Length - x.Shape!.Rank)..];
        for (var axis = 0; axis < source.Length; axis++)
            source[axis] = Math.Min(source[axis], x.Shape[axis].Value - 1);
        return elements[Elements.Position(x.Shape, source)];
    });
}

/// <summary>x repeated along each axis as often as the second input says, one number for each axis (ONNX operator <c>Tile</c>).</summary>
public sealed record Tile : Op
{
    internal override void Infer(Inference facts)
    {
        var (x, repeats) = (facts.Shape(0), facts.List(1));
        if (x is not null && repeats is not null && x.Rank != repeats.Count)
            throw facts.Refuse($"there are {repeats.Count} repeats for {x.Rank} axes");
        if (repeats is not null && repeats.Any(repeat => repeat is { IsKnown: true, Value: < 0 }))
            throw facts.Refuse("a number of repeats is negative");
        var rank = x?.Rank ?? repeats?.Count;
        var shape = rank is null ? null : new Shape([.. Enumerable.Range(0, rank.Value)
            .Select(axis => Extent.Multiply(x?[axis] ?? Dim.Unknown, repeats?[axis] ?? Dim.Unknown))]);
        facts.Output(0, facts.DType(0), shape, Repeated(facts.Input(0), shape));
    }

    private static Dim[]? Repeated(Fact x, Shape? shape) => x.Elements is not { } elements ? null : Elements.Fill(shape, index =>
        elements[Elements.Position(x.Shape!, [.. index.Select((at, axis) => at % x.Shape![axis].Value)])]);
}

/// <summary>Tensors one after the other along an axis; their other extents are equal (ONNX operator <c>Concat</c>).</summary>
public sealed record Concat : Op
{
    /// <summary>The axis; negative counts from the end.</summary>
    public long Axis { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with { Axis = attributes.RequiredInt("axis", Axis) };

    internal override void Infer(Inference facts)
    {
        Fact[] parts = [.. Enumerable.Range(0, facts.InputCount).Select(facts.Input)];
        var dtype = facts.SameType([.. Enumerable.Range(0, parts.Length)]);
        var shape = Joined(facts, parts);
        facts.Output(0, dtype, shape, shape is null ? null : Chained(parts, shape, facts.Axis(Axis, shape.Rank)));
    }

    private Shape? Joined(Inference facts, Fact[] parts)
    {
        if (parts.FirstOrDefault(part => part.Shape is not null)?.Shape is not { } joined)
            return null;
        var (axis, sum) = (facts.Axis(Axis, joined.Rank), Dim.Of(0));
        foreach (var part in parts)
        {
            sum = Extent.Add(sum, part.Shape?.ElementAtOrDefault(axis) ?? Dim.Unknown);
            if (part.Shape is not { } shape)
                continue;
            if (shape.Rank != joined.Rank)
                throw facts.Refuse("all inputs need the same number of axes");
            joined = new([.. joined.Select((dim, i) => i == axis ? dim : facts.Same(dim, shape[i], $"extent {i} of the inputs"))]);
        }
        return joined.With(axis, sum);
    }

    private static Dim[]? Chained(Fact[] parts, Shape shape, int axis)
    {
        IReadOnlyList<Dim>?[] elements = [.. parts.Select(Elements.Of)];
        return elements.Contains(null) ? null : Elements.Fill(shape, index =>
        {
            var (source, part) = ((long[])[.. index], 0);
            while (source[axis] >= parts[part].Shape![axis].Value)
                source[axis] -= parts[part++].Shape![axis].Value;
            return elements[part]![Elements.Position(parts[part].Shape!, source)];
        });
    }
}

/// <summary>
/// x cut along an axis into as many parts as the node has outputs: of the lengths in the second input, or equal ones of which the last may be
/// shorter (ONNX operator <c>Split</c>).
/// </summary>
public sealed record Split : Op
{
    /// <summary>The axis; negative counts from the end.</summary>
    public long Axis { get; init; }

    /// <summary>The number of equal parts; null when their lengths are given.</summary>
    public long? NumOutputs { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Axis = attributes.Int("axis", Axis, 0),
        NumOutputs = attributes.OptionalInt("num_outputs", NumOutputs),
    };

    internal override void Infer(Inference facts)
    {
        if (facts.Has(1) ? NumOutputs is not null : NumOutputs != facts.OutputCount)
            throw facts.Refuse($"num_outputs is {NumOutputs?.ToString(CultureInfo.InvariantCulture) ?? "absent"}: it should be the number of outputs, {facts.OutputCount}, or absent where lengths are given");
        var x = facts.Shape(0);
        var axis = x is null ? 0 : facts.Axis(Axis, x.Rank);
        var lengths = Lengths(facts, x?[axis] ?? Dim.Unknown);
        var start = Dim.Of(0);
        for (var i = 0; i < lengths.Count; i++)
        {
            var shape = x?.With(axis, lengths[i]);
            facts.Output(i, facts.DType(0), shape, start.IsKnown ? Part(facts.Input(0), shape, axis, start.Value) : null);
            start = Extent.Add(start, lengths[i]);
        }
    }

    private static IReadOnlyList<Dim> Lengths(Inference facts, Dim whole)
    {
        var count = facts.OutputCount;
        if (!facts.Has(1))
            return [.. Enumerable.Range(0, count).Select(i => Extent.Map(whole, extent => Equal(facts, extent, count, i)))];
        var lengths = facts.List(1) ?? [.. Enumerable.Repeat(Dim.Unknown, count)];
        if (lengths.Count != count || lengths.Any(length => length is { IsKnown: true, Value: < 0 }))
            throw facts.Refuse($"{count} lengths of 0 or more are needed");
        if (lengths.Aggregate(Dim.Of(0), Extent.Add) is { IsKnown: true } sum && whole.IsKnown && sum != whole)
            throw facts.Refuse($"the lengths [{string.Join(',', lengths)}] do not sum up to the extent {whole}");
        return lengths;
    }

    private static long Equal(Inference facts, long whole, int count, int part)
    {
        var length = (whole / count) + (whole % count == 0 ? 0 : 1);
        var last = whole - (length * (count - 1));
        return last >= 0 ? part < count - 1 ? length : last : throw facts.Refuse($"extent {whole} does not fall into {count} parts of {length}");
    }

    private static Dim[]? Part(Fact x, Shape? shape, int axis, long start) => x.Elements is not { } elements ? null : Elements.Fill(shape, index =>
        elements[Elements.Position(x.Shape!, [.. index.Select((at, i) => i == axis ? at + start : at)])]);
}

/// <summary>
/// A part of x: along some axes, from a start to an end that is left out, in steps, as in NumPy. The inputs after x are starts, ends, axes (all
/// when left out) and steps (1 when left out) (ONNX operator <c>Slice</c>).
/// </summary>
public sealed record Slice : Op
{
    internal override void Infer(Inference facts)
    {
        if (facts.Shape(0) is not { } x)
        {
            facts.Output(0, facts.DType(0), null);
            return;
        }
        var cuts = Cuts(facts, x);
        var shape = cuts is null ? Elements.AnyOfRank(x.Rank) : new([.. cuts.Select(cut => cut.Extent)]);
        facts.Output(0, facts.DType(0), shape, cuts is null ? null : Part(facts.Input(0), shape, cuts));
    }

    /// <summary>What happens along each axis; null when it is not known along which axes anything does.</summary>
    private static Cut[]? Cuts(Inference facts, Shape x)
    {
        IReadOnlyList<Dim>?[] lists = [.. Enumerable.Range(1, 4).Select(input => facts.Has(input) ? facts.List(input) : null)];
        if (lists.FirstOrDefault(list => list is not null)?.Count is not { } count)
            return null;
        if (lists.Any(list => list is not null && list.Count != count))
            throw facts.Refuse("starts, ends, axes and steps need equal lengths");
        var axes = facts.Has(3) ? facts.Axes(lists[2], x.Rank) : facts.Axes([.. Enumerable.Range(0, count).Select(axis => (long)axis)], x.Rank);
        if (axes is null)
            return null;
        Cut[] cuts = [.. x.Select(dim => new Cut(dim, 0, 1))];
        for (var i = 0; i < count; i++)
            cuts[axes[i]] = Along(facts, x[axes[i]], lists[0]?[i] ?? Dim.Unknown, lists[1]?[i] ?? Dim.Unknown, facts.Has(4) ? lists[3]?[i] ?? Dim.Unknown : 1);
        return cuts;
    }

    private static Cut Along(Inference facts, Dim extent, Dim start, Dim end, Dim step)
    {
        if (step is { IsKnown: true, Value: 0 })
            throw facts.Refuse("a step is 0");
        if (IsWhole(extent, start, end, step))
            return new(extent, extent.IsKnown && step.Value < 0 ? extent.Value - 1 : 0, step.Value);
        if (!extent.IsKnown || !start.IsKnown || !end.IsKnown || !step.IsKnown)
            return new(Dim.Unknown, 0, 1);
        var (size, forward) = (extent.Value, step.Value > 0);
        // Going forward both lie in 0..size; going backward the start lies in 0..size-1, and the end may be -1, before the first.
        var from = Math.Clamp(FromStart(start.Value, size), forward ? 0 : Math.Min(0, size - 1), forward ? size : size - 1);
        var to = Math.Clamp(FromStart(end.Value, size), forward ? 0 : -1, size);
        var distance = forward ? to - from : from - to;
        return new(distance <= 0 ? 0 : ((distance - 1) / Math.Abs(Math.Max(step.Value, -long.MaxValue))) + 1, from, step.Value);
    }

    /// <summary>Whether a cut surely takes all: any end at or past the range of int32 is written for "to the end".</summary>
    private static bool IsWhole(Dim extent, Dim start, Dim end, Dim step) => (start, step) switch
    {
        ({ IsKnown: true, Value: 0 }, { IsKnown: true, Value: 1 }) => end is { IsKnown: true, Value: >= int.MaxValue } || (end == extent && !end.IsUnknown),
        ({ IsKnown: true, Value: -1 }, { IsKnown: true, Value: -1 }) => end is { IsKnown: true, Value: <= int.MinValue },
        _ => false,
    };

    private static long FromStart(long place, long size) => place < 0 ? place + size : place;

    private static Dim[]? Part(Fact x, Shape shape, Cut[] cuts) => x.Elements is not { } elements ? null : Elements.Fill(shape, index =>
        elements[Elements.Position(x.Shape!, [.. index.Select((at, axis) => cuts[axis].Start + (at * cuts[axis].Step))])]);

    private readonly record struct Cut(Dim Extent, long Start, long Step);
}

/// <summary>
/// x with cells added, or where the number is negative taken away, before and after each axis. The inputs after x are the numbers (all befores,
/// then all afters), the value of added cells and the axes, all when left out (ONNX operator <c>Pad</c>).
/// </summary>
public sealed record Pad : Op
{
    /// <summary>What added cells hold: <c>constant</c> (the third input, else 0), <c>reflect</c>, <c>edge</c> or <c>wrap</c>.</summary>
    public string Mode { get; init; } = "constant";

    private protected override Op Through(AttributeVisitor attributes) => this with { Mode = attributes.Text("mode", Mode, "constant") };

    internal override void Infer(Inference facts)
    {
        if (Mode is not ("constant" or "reflect" or "edge" or "wrap"))
            throw facts.Refuse($"mode '{Mode}' is none of constant, reflect, edge, wrap");
        facts.Output(0, facts.DType(0), facts.Shape(0) is { } x ? Padded(facts, x) : null);
    }

    private static Shape Padded(Inference facts, Shape x)
    {
        var pads = facts.List(1);
        var axes = facts.Has(3) ? facts.Axes(facts.List(3), x.Rank) : [.. Enumerable.Range(0, x.Rank)];
        if (pads is null || axes is null)
            return Elements.AnyOfRank(x.Rank);
        if (pads.Count != 2 * axes.Length)
            throw facts.Refuse($"there are {pads.Count} pads; two for each of {axes.Length} axes are needed");
        Dim[] dims = [.. x];
        for (var i = 0; i < axes.Length; i++)
            dims[axes[i]] = Extent.Add(dims[axes[i]], Extent.Add(pads[i], pads[i + axes.Length]));
        return dims.Any(dim => dim is { IsKnown: true, Value: < 0 })
            ? throw facts.Refuse("more cells are taken away than there are")
            : new(dims);
    }
}

/// <summary>
/// x cut or padded with zeros, evenly on both sides, to the extents in the second input (ONNX operator <c>CenterCropPad</c>).
/// </summary>
public sealed record CenterCropPad : Op
{
    /// <summary>The axes that the extents belong to; null means all.</summary>
    public AttributeList<long>? Axes { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with { Axes = attributes.Ints("axes", Axes) };

    internal override void Infer(Inference facts)
    {
        var (x, asked) = (facts.Shape(0), facts.List(1));
        if (x is null)
        {
            facts.Output(0, facts.DType(0), Axes is null && asked is not null ? new([.. asked]) : null);
            return;
        }
        var axes = Axes is null ? [.. Enumerable.Range(0, x.Rank)] : facts.Axes(Axes, x.Rank);
        if (asked is not null && asked.Count != axes.Length)
            throw facts.Refuse($"there are {asked.Count} extents for {axes.Length} axes");
        Dim[] dims = [.. x];
        for (var i = 0; i < axes.Length; i++)
            dims[axes[i]] = asked?[i] ?? Dim.Unknown;
        facts.Output(0, facts.DType(0), new(dims));
    }
}

/// <summary>Channels laid out as blocks of pixels: x [N,C,H,W] to y [N,C/(b·b),H·b,W·b] (ONNX operator <c>DepthToSpace</c>).</summary>
public sealed record DepthToSpace : Op
{
    /// <summary>The blocks' height and width b.</summary>
    public long BlockSize { get; init; } = 1;

    /// <summary>How channels count: <c>DCR</c> (place in the block first, then the new channel) or <c>CRD</c> (the new channel first).</summary>
    public string Mode { get; init; } = "DCR";

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        BlockSize = attributes.RequiredInt("blocksize", BlockSize),
        Mode = attributes.Text("mode", Mode, "DCR"),
    };

    internal override void Infer(Inference facts)
    {
        if (Mode is not ("DCR" or "CRD"))
            throw facts.Refuse($"mode '{Mode}' is neither DCR nor CRD");
        var x = Blocks.Image(facts, BlockSize);
        facts.Output(0, facts.DType(0), new(x[0], Blocks.Divide(facts, x[1], BlockSize * BlockSize), Extent.Multiply(x[2], BlockSize), Extent.Multiply(x[3], BlockSize)));
    }
}

/// <summary>Blocks of pixels laid out as channels: x [N,C,H,W] to y [N,C·b·b,H/b,W/b] (ONNX operator <c>SpaceToDepth</c>).</summary>
public sealed record SpaceToDepth : Op
{
    /// <summary>The blocks' height and width b.</summary>
    public long BlockSize { get; init; } = 1;

    private protected override Op Through(AttributeVisitor attributes) => this with { BlockSize = attributes.RequiredInt("blocksize", BlockSize) };

    internal override void Infer(Inference facts)
    {
        var x = Blocks.Image(facts, BlockSize);
        facts.Output(0, facts.DType(0), new(x[0], Extent.Multiply(x[1], BlockSize * BlockSize), Blocks.Divide(facts, x[2], BlockSize), Blocks.Divide(facts, x[3], BlockSize)));
    }
}

/// <summary>The upper or lower triangles of matrices, zeros elsewhere: x […,R,C], the same shape (ONNX operator <c>Trilu</c>).</summary>
/// <remarks>The optional second input moves the diagonal to the right; it changes no shape.</remarks>
public sealed record Trilu : Op
{
    /// <summary>Whether the upper triangle stays, rather than the lower one.</summary>
    public bool Upper { get; init; } = true;

    private protected override Op Through(AttributeVisitor attributes) => this with { Upper = attributes.Flag("upper", Upper, true) };

    internal override void Infer(Inference facts)
    {
        if (facts.Rank(0) < 2)
            throw facts.Refuse("a matrix, or a tensor of matrices, is needed");
        facts.Output(0, facts.DType(0), facts.Shape(0));
    }
}

/// <summary>The first steps of each sequence in reverse order, as many as the second input says (ONNX operator <c>ReverseSequence</c>).</summary>
public sealed record ReverseSequence : Op
{
    /// <summary>The axis of sequences, 0 or 1.</summary>
    public long BatchAxis { get; init; } = 1;

    /// <summary>The axis of steps, the other one.</summary>
    public long TimeAxis { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        BatchAxis = attributes.Int("batch_axis", BatchAxis, 1),
        TimeAxis = attributes.Int("time_axis", TimeAxis, 0),
    };

    internal override void Infer(Inference facts)
    {
        if (facts.Rank(0) < 2 || (BatchAxis, TimeAxis) is not ((0, 1) or (1, 0)))
            throw facts.Refuse($"x needs two axes or more, of which one of the first two is batch_axis ({BatchAxis}) and the other time_axis ({TimeAxis})");
        var x = facts.Shape(0);
        var lengths = facts.Shape(1) is { Rank: 1 } list ? list[0] : Dim.Unknown;
        var batch = facts.Same(x?[(int)BatchAxis] ?? Dim.Unknown, lengths, "the number of sequences and that of lengths");
        facts.Output(0, facts.DType(0), x?.With((int)BatchAxis, batch));
    }
}

/// <summary>What <see cref="DepthToSpace"/> and <see cref="SpaceToDepth"/> share.</summary>
file static class Blocks
{
    public static Shape Image(Inference facts, long size)
    {
        if (facts.Rank(0) is not (null or 4) || size is < 1 or > int.MaxValue)
            throw facts.Refuse($"x should be [N,C,H,W], and blocksize ({size}) from 1 to {int.MaxValue}");
        return facts.Shape(0) ?? Elements.AnyOfRank(4);
    }

    public static Dim Divide(Inference facts, Dim extent, long parts) => parts == 1 ? extent : Extent.Map(extent, whole =>
        whole % parts == 0 ? whole / parts : throw facts.Refuse($"extent {whole} does not fall into {parts} equal parts"));
}
