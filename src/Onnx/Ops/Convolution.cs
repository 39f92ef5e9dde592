namespace Anneal.Onnx.Ops;

/// <summary>The family of convolutions.</summary>
internal static class Convolution
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new Conv(), [1, 11, 22], 2, 3),
        new(new ConvInteger(), [10], 2, 4),
        new(new ConvTranspose(), [1, 11, 22], 2, 3),
        new(new DeformConv(), [19, 22], 3, 5),
        new(new QLinearConv(), [10], 8, 9),
    ];

    /// <summary>The output's shape [N,M,…] for an x [N,C,…] and a w [M,C/group,k…]; null when neither's rank is known.</summary>
    public static Shape? Slide(Inference facts, Window window, long group, int xIndex, int wIndex)
    {
        var (x, w) = (facts.Shape(xIndex), facts.Shape(wIndex));
        if ((x?.Rank ?? w?.Rank) is not { } rank)
            return null;
        RequireRanks(facts, x, w);
        RequireGroups(facts, group, w?[0] ?? Dim.Unknown, "output channels");
        var channels = x?[1] ?? Dim.Unknown;
        if (w is not null && channels.IsKnown && w[1].IsKnown && w[1].Value * (Int128)group != channels.Value)
            throw facts.Refuse($"x has {channels} channels, w with group {group} takes {w[1].Value * (Int128)group}");
        return new([x?[0] ?? Dim.Unknown, w?[0] ?? Dim.Unknown, .. window.Slide(facts, Space(x, rank), Space(w, rank))]);
    }

    /// <summary>The arithmetic of a sliding kernel: each element of the output sums over the kernel and the channels of its group.</summary>
    public static Cost Count(CostFacts facts, int wIndex, int? biasIndex) =>
        new(facts.OutputElements() * facts.Elements(wIndex) / facts.Extent(wIndex, 0), biasIndex is { } bias && facts.Has(bias) ? facts.OutputElements() : 0);

    /// <summary>Checks that x and w, as far as known, have one rank with at least one space axis.</summary>
    public static void RequireRanks(Inference facts, Shape? x, Shape? w)
    {
        if (x is { Rank: < 3 } || w is { Rank: < 3 } || (x is not null && w is not null && x.Rank != w.Rank))
            throw facts.Refuse("x [N,C,…] and w need equal ranks of at least 3");
    }

    /// <summary>Checks that channels fall into groups of one size.</summary>
    public static void RequireGroups(Inference facts, long group, Dim channels, string what)
    {
        if (group < 1 || (channels.IsKnown && channels.Value % group != 0))
            throw facts.Refuse($"group {group} does not divide the {channels} {what}");
    }

    /// <summary>The extents behind batch and channels.</summary>
    public static Dim[] Space(Shape? shape, int rank) => shape is null ? [.. Enumerable.Repeat(Dim.Unknown, rank - 2)] : [.. shape.Skip(2)];
}

/// <summary>What convolution and its integer forms share: how the kernel slides, and the groups of channels.</summary>
public abstract record GroupedConvolution : Op
{
    private protected GroupedConvolution() { }

    /// <summary>Strides, dilations, pads and the kernel's size.</summary>
    public Window Window { get; init; } = new();

    /// <summary>How many groups the channels fall into; each output channel sees the inputs of its group only.</summary>
    public long Group { get; init; } = 1;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Window = Window.Through(attributes),
        Group = attributes.Int("group", Group, 1),
    };
}

/// <summary>
/// Convolution, any number of space axes: x [N,C,…], w [M,C/group,k…], bias [M] to y [N,M,…] (ONNX operator <c>Conv</c>).
/// </summary>
public sealed record Conv : GroupedConvolution
{
    internal override void Infer(Inference facts)
    {
        var y = Convolution.Slide(facts, Window, Group, 0, 1);
        if (y is not null)
            facts.RequireChannels(2, y[1], "the bias");
        facts.Output(0, facts.SameType(0, 1), y);
    }

    internal override Cost Count(CostFacts facts) => Convolution.Count(facts, 1, 2);
}

/// <summary>
/// Convolution of 8-bit integers, summed in 32 bits: x [N,C,…], w [M,C/group,k…], zero points of x and w (may be left out) to y [N,M,…], int32
/// (ONNX operator <c>ConvInteger</c>).
/// </summary>
public sealed record ConvInteger : GroupedConvolution
{
    internal override void Infer(Inference facts) => facts.Output(0, DType.Int32, Convolution.Slide(facts, Window, Group, 0, 1));

    internal override bool IsLearnable(int input) => input == 1;

    /// <summary>There is no bias; the zero points are settled before.</summary>
    internal override Cost Count(CostFacts facts) => Convolution.Count(facts, 1, null);
}

/// <summary>
/// Convolution turned round, each input cell spread over the kernel: x [N,C,…], w [C,M/group,k…], bias [M] to y [N,M,…] (ONNX operator
/// <c>ConvTranspose</c>).
/// </summary>
public sealed record ConvTranspose : Op
{
    /// <summary>Strides, dilations, pads (cells taken off the output) and the kernel's size.</summary>
    public Window Window { get; init; } = new();

    /// <summary>How many groups the channels fall into.</summary>
    public long Group { get; init; } = 1;

    /// <summary>Cells added behind each space axis of the output; null means none.</summary>
    public AttributeList<long>? OutputPadding { get; init; }

    /// <summary>The output's space extents, from which the pads follow; null when the pads are given.</summary>
    public AttributeList<long>? OutputShape { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Window = Window.Through(attributes),
        Group = attributes.Int("group", Group, 1),
        OutputPadding = attributes.Ints("output_padding", OutputPadding),
        OutputShape = attributes.Ints("output_shape", OutputShape),
    };

    internal override void Infer(Inference facts)
    {
        var (x, w) = (facts.Shape(0), facts.Shape(1));
        var dtype = facts.SameType(0, 1);
        if ((x?.Rank ?? w?.Rank) is not { } rank)
        {
            facts.Output(0, dtype, null);
            return;
        }
        Convolution.RequireRanks(facts, x, w);
        Convolution.RequireGroups(facts, Group, facts.Same(x?[1] ?? Dim.Unknown, w?[0] ?? Dim.Unknown, "the channels of x and w"), "input channels");
        var channels = facts.RequireChannels(2, w is null ? Dim.Unknown : Extent.Multiply(w[1], Group), "the bias");
        facts.Output(0, dtype, new([x?[0] ?? Dim.Unknown, channels, .. Spread(facts, Convolution.Space(x, rank), Convolution.Space(w, rank))]));
    }

    private Dim[] Spread(Inference facts, Dim[] space, Dim[] kernel)
    {
        Window.RequireFit(facts, space.Length);
        Window.RequireLength(facts, "output_padding", OutputPadding, space.Length);
        Window.RequireLength(facts, "output_shape", OutputShape, space.Length);
        return [.. space.Select((extent, axis) => OutputShape?[axis] ?? Spread(facts, extent, kernel[axis], axis, space.Length))];
    }

    private Dim Spread(Inference facts, Dim extent, Dim kernel, int axis, int axes)
    {
        var stride = Window.Strides?[axis] ?? 1;
        var steps = Extent.Multiply(extent, stride);
        if (Window.AutoPad is "SAME_UPPER" or "SAME_LOWER")
            return steps;
        if (Window.KernelExtent(facts, kernel, axis) is not { } reach)
            return Dim.Unknown;
        var (before, after) = Window.PadsOf(axis, axes);
        // The last cell needs no step behind it, so one stride less.
        var y = Extent.Add(steps, Extent.Fitting(reach - stride + (OutputPadding?[axis] ?? 0) - before - after));
        return y is { IsKnown: true, Value: < 0 } ? throw facts.Refuse($"space axis {axis} of the output would have {y} cells") : y;
    }

    /// <summary>Each element of x is spread over the kernel of each output channel of its group.</summary>
    internal override Cost Count(CostFacts facts) =>
        new(facts.Elements(0) * facts.Elements(1) / facts.Extent(1, 0), facts.Has(2) ? facts.OutputElements() : 0);
}

/// <summary>
/// Convolution whose taps are moved by offsets: x [N,C,…], w [M,C/group,k…], offsets [N,offset_group·k·axes,…], bias [M], mask (the last two may be
/// left out) to y [N,M,…] (ONNX operator <c>DeformConv</c>).
/// </summary>
public sealed record DeformConv : Op
{
    /// <summary>Strides, dilations, pads and the kernel's size; <see cref="Window.AutoPad"/> stays <c>NOTSET</c>.</summary>
    public Window Window { get; init; } = new();

    /// <summary>How many groups the channels fall into.</summary>
    public long Group { get; init; } = 1;

    /// <summary>How many groups the input channels fall into that share offsets.</summary>
    public long OffsetGroup { get; init; } = 1;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Window = Window.ThroughGiven(attributes),
        Group = attributes.Int("group", Group, 1),
        OffsetGroup = attributes.Int("offset_group", OffsetGroup, 1),
    };

    internal override void Infer(Inference facts)
    {
        Convolution.RequireGroups(facts, OffsetGroup, facts.Shape(0) is { Rank: > 1 } x ? x[1] : Dim.Unknown, "input channels (offset_group)");
        var y = Convolution.Slide(facts, Window, Group, 0, 1);
        if (y is not null)
            facts.RequireChannels(3, y[1], "the bias");
        facts.Output(0, facts.SameType(0, 1), y);
    }

    /// <summary>As a convolution; before it, each tap of each channel is read between four cells.</summary>
    internal override Cost Count(CostFacts facts)
    {
        var taps = facts.Elements(1) / facts.Extent(1, 0) / facts.Extent(1, 1);
        var cells = facts.OutputElements() / facts.Extent(1, 0);
        return Convolution.Count(facts, 1, 3) + new Cost(4 * facts.Extent(0, 1) * taps * cells, 0);
    }
}

/// <summary>
/// Convolution of quantised numbers (ONNX operator <c>QLinearConv</c>). Inputs: x, its scale and zero point; w, its scale and zero point; scale and
/// zero point of y; bias [M] (may be left out). The output has the type of its zero point.
/// </summary>
public sealed record QLinearConv : GroupedConvolution
{
    internal override void Infer(Inference facts)
    {
        var y = Convolution.Slide(facts, Window, Group, 0, 3);
        if (y is not null)
            facts.RequireChannels(8, y[1], "the bias");
        facts.Output(0, facts.DType(7), y);
    }

    internal override bool IsLearnable(int input) => input == 3;

    internal override Cost Count(CostFacts facts) => Convolution.Count(facts, 3, 8);
}
