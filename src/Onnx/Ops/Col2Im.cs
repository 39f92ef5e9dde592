namespace Anneal.Onnx.Ops;

/// <summary>
/// Blocks laid side by side back into a picture, summed where they overlap: x [N,C × block,count], the picture's extents and the block's, int64 [d], to
/// [N,C,d…] (ONNX operator <c>Col2Im</c>).
/// </summary>
public sealed record Col2Im : Op
{
    /// <summary>The distance of a block's elements along each axis; null means 1.</summary>
    public AttributeList<long>? Dilations { get; init; }

    /// <summary>Elements added before each axis of the picture, then those after; null means none.</summary>
    public AttributeList<long>? Pads { get; init; }

    /// <summary>Steps from block to block along each axis; null means 1.</summary>
    public AttributeList<long>? Strides { get; init; }

    internal static IEnumerable<OpEntry> Entries => [new(new Col2Im(), [18], 3, 3)];

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Dilations = attributes.Ints("dilations", Dilations),
        Pads = attributes.Ints("pads", Pads),
        Strides = attributes.Ints("strides", Strides),
    };

    internal override Cost Count(CostFacts facts) => facts.ForEachInput();

    internal override void Infer(Inference facts)
    {
        if (facts.Rank(0) is not (null or 3))
            throw facts.Refuse("x should be [N,C × block,count]");
        var (picture, block) = (facts.List(1), facts.List(2));
        if ((picture ?? block) is not { } axes)
        {
            facts.Output(0, facts.DType(0), null);
            return;
        }
        if (picture is not null && block is not null && picture.Count != block.Count)
            throw facts.Refuse("the picture and the block need the same number of axes");
        new Window { Dilations = Dilations, Pads = Pads, Strides = Strides }.RequireFit(facts, axes.Count);
        var x = facts.Shape(0) ?? Elements.AnyOfRank(3);
        facts.Output(0, facts.DType(0), new([x[0], Channels(facts, x[1], block), .. picture ?? Elements.AnyOfRank(axes.Count)]));
    }

    private static Dim Channels(Inference facts, Dim rows, IReadOnlyList<Dim>? block)
    {
        if (block is null || !rows.IsKnown || Extent.Product(block) is not { IsKnown: true } size)
            return Dim.Unknown;
        return size.Value > 0 && rows.Value % size.Value == 0
            ? rows.Value / size.Value
            : throw facts.Refuse($"{rows} rows are no multiple of a block's {size} elements");
    }
}
