namespace Anneal.Onnx.Ops;

/// <summary>The family of normalisations.</summary>
internal static class Normalization
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new BatchNormalization(), [1, 6, 7, 9, 14, 15], 5, 5, 3),
        new(new GroupNormalization(), [18, 21], 3, 3),
        new(new InstanceNormalization(), [1, 6, 22], 3, 3),
        new(new LayerNormalization(), [17], 2, 3, 3),
        new(new LpNormalization(), [1, 22], 1, 1),
        new(new LRN(), [1, 13], 1, 1),
        new(new MeanVarianceNormalization(), [9, 13], 1, 1),
        new(new RMSNormalization(), [23], 2, 2),
    ];

    /// <summary>Mean and variance measured (the sum; the difference, its square and their sum), then the quotient, the scale and the bias.</summary>
    public const int OperationsPerElement = 7;

    /// <summary>The channels of x [N,C,…], agreed on with vectors [C] in the inputs from 1 on.</summary>
    public static Dim Channels(Inference facts, int least, params ReadOnlySpan<string> vectors)
    {
        if (facts.Rank(0) < least)
            throw facts.Refuse($"x [N,C,…] needs at least {least} axes");
        // A batch of plain numbers has one channel.
        var channels = facts.Shape(0) switch { null => Dim.Unknown, { Rank: < 2 } => 1, var x => x[1] };
        for (var i = 0; i < vectors.Length; i++)
            channels = facts.RequireChannels(i + 1, channels, vectors[i]);
        return channels;
    }

    /// <summary>x with its channels, where the vectors know them better.</summary>
    public static Shape? WithChannels(Shape? x, Dim channels) => x is { Rank: >= 2 } ? new([x[0], channels, .. x.Skip(2)]) : x;
}

/// <summary>
/// scale (x - mean) / √(variance + ε) + bias, channel by channel (ONNX operator <c>BatchNormalization</c>). Inputs: x [N,C,…], scale, bias, mean,
/// variance [C]. Outputs: y, and when training the new running mean and variance [C].
/// </summary>
public sealed record BatchNormalization : Op
{
    /// <summary>ε: keeps the root away from 0.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>The share of the old running mean and variance in the new.</summary>
    public float Momentum { get; init; } = 0.9f;

    /// <summary>Whether mean and variance are those of the batch.</summary>
    public bool TrainingMode { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Epsilon = attributes.Float("epsilon", Epsilon, 1e-5f),
        Momentum = attributes.Float("momentum", Momentum, 0.9f),
        TrainingMode = attributes.Flag("training_mode", TrainingMode, false),
    };

    internal override void Infer(Inference facts)
    {
        if (!TrainingMode && facts.OutputCount > 1)
            throw facts.Refuse("running mean and variance are outputs only with training_mode = 1");
        var channels = Normalization.Channels(facts, 1, "scale", "bias", "mean", "variance");
        facts.Output(0, facts.DType(0), Normalization.WithChannels(facts.Shape(0), channels));
        facts.Output(1, facts.DType(3), new(channels));
        facts.Output(2, facts.DType(4), new(channels));
    }

    /// <summary>Scale and bias are learned; mean and variance are measured.</summary>
    internal override bool IsLearnable(int input) => input is 1 or 2;

    /// <summary>What mean, variance, scale and bias come to is one factor and one summand for each channel; when training, both are measured first.</summary>
    internal override Cost Count(CostFacts facts) => facts.ForEachOutput(TrainingMode ? Normalization.OperationsPerElement : 2);
}

/// <summary>
/// Each group of channels of each picture brought to mean 0 and variance 1, then scaled and shifted by channel (ONNX operator
/// <c>GroupNormalization</c>). Inputs: x [N,C,…], scale, bias [C].
/// </summary>
public sealed record GroupNormalization : Op
{
    /// <summary>ε: keeps the root away from 0.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>How many groups the channels fall into; required.</summary>
    public long NumGroups { get; init; }

    /// <summary>The element type in which mean and variance are computed.</summary>
    public DType StashType { get; init; } = DType.Float32;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Epsilon = attributes.Float("epsilon", Epsilon, 1e-5f),
        NumGroups = attributes.RequiredInt("num_groups", NumGroups),
        StashType = attributes.Type("stash_type", StashType, DType.Float32),
    };

    internal override void Infer(Inference facts)
    {
        var channels = Normalization.Channels(facts, 2, "scale", "bias");
        Convolution.RequireGroups(facts, NumGroups, channels, "channels");
        facts.Output(0, facts.DType(0), Normalization.WithChannels(facts.Shape(0), channels));
    }

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput(Normalization.OperationsPerElement);
}

/// <summary>
/// Each channel of each picture brought to mean 0 and variance 1, then scaled and shifted (ONNX operator <c>InstanceNormalization</c>). Inputs:
/// x [N,C,…], scale, bias [C].
/// </summary>
public sealed record InstanceNormalization : Op
{
    /// <summary>ε: keeps the root away from 0.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    private protected override Op Through(AttributeVisitor attributes) => this with { Epsilon = attributes.Float("epsilon", Epsilon, 1e-5f) };

    internal override void Infer(Inference facts) =>
        facts.Output(0, facts.DType(0), Normalization.WithChannels(facts.Shape(0), Normalization.Channels(facts, 2, "scale", "bias")));

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput(Normalization.OperationsPerElement);
}

/// <summary>
/// The axes from <see cref="Axis"/> on brought to mean 0 and variance 1, then scaled and shifted (ONNX operator <c>LayerNormalization</c>). Inputs:
/// x, scale, bias (may be left out), both stretched to x. Outputs: y, and the mean and 1 / √(variance + ε), whose extents from the axis on are 1.
/// </summary>
public sealed record LayerNormalization : Op
{
    /// <summary>The first normalised axis; negative counts from the end.</summary>
    public long Axis { get; init; } = -1;

    /// <summary>ε: keeps the root away from 0.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>The element type in which mean and variance are computed and given out.</summary>
    public DType StashType { get; init; } = DType.Float32;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Axis = attributes.Int("axis", Axis, -1),
        Epsilon = attributes.Float("epsilon", Epsilon, 1e-5f),
        StashType = attributes.Type("stash_type", StashType, DType.Float32),
    };

    internal override void Infer(Inference facts)
    {
        var x = facts.Shape(0);
        facts.RequireStretchable(1, x, "the scale");
        facts.RequireStretchable(2, x, "the bias");
        facts.Output(0, facts.DType(0), x);
        var statistics = x is null ? null : Statistics(x, facts.Axis(Axis, x.Rank));
        facts.Output(1, StashType, statistics);
        facts.Output(2, StashType, statistics);
    }

    private static Shape Statistics(Shape x, int axis) => new([.. x.Take(axis), .. Enumerable.Repeat(Dim.Of(1), x.Rank - axis)]);

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput(Normalization.OperationsPerElement);
}

/// <summary>x divided by its p-norm along an axis (ONNX operator <c>LpNormalization</c>).</summary>
public sealed record LpNormalization : Activation
{
    /// <summary>The axis; negative counts from the end.</summary>
    public long Axis { get; init; } = -1;

    /// <summary>p: 1 or 2.</summary>
    public long P { get; init; } = 2;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Axis = attributes.Int("axis", Axis, -1),
        P = attributes.Int("p", P, 2),
    };

    internal override void Infer(Inference facts)
    {
        if (P is not (1 or 2))
            throw facts.Refuse($"p is {P}; only 1 and 2 are allowed");
        if (facts.Rank(0) is { } rank)
            facts.Axis(Axis, rank);
        base.Infer(facts);
    }

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput(3);
}

/// <summary>
/// x / (bias + α / size · sum of squares over the neighbouring channels)^β: local response normalisation of AlexNet (ONNX operator <c>LRN</c>).
/// </summary>
public sealed record LRN : Activation
{
    /// <summary>α: the weight of the squares.</summary>
    public float Alpha { get; init; } = 1e-4f;

    /// <summary>β: the exponent.</summary>
    public float Beta { get; init; } = 0.75f;

    /// <summary>What the divisor has at least.</summary>
    public float Bias { get; init; } = 1;

    /// <summary>How many channels are summed over; required.</summary>
    public long Size { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Alpha = attributes.Float("alpha", Alpha, 1e-4f),
        Beta = attributes.Float("beta", Beta, 0.75f),
        Bias = attributes.Float("bias", Bias, 1),
        Size = attributes.RequiredInt("size", Size),
    };

    internal override void Infer(Inference facts)
    {
        if (Size < 1)
            throw facts.Refuse($"size {Size} is not positive");
        if (facts.Rank(0) < 2)
            throw facts.Refuse("x [N,C,…] needs at least 2 axes");
        base.Infer(facts);
    }

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput(Size + 5);
}

/// <summary>(x - mean) / standard deviation over some axes (ONNX operator <c>MeanVarianceNormalization</c>).</summary>
public sealed record MeanVarianceNormalization : Activation
{
    private static readonly AttributeList<long> ByDefault = [0, 2, 3];

    /// <summary>The axes over which mean and deviation are taken; null means 0, 2 and 3: all but the channels of a picture.</summary>
    public AttributeList<long>? Axes { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with { Axes = attributes.Ints("axes", Axes) };

    internal override void Infer(Inference facts)
    {
        if (facts.Rank(0) is { } rank)
            foreach (var axis in Axes ?? ByDefault)
                facts.Axis(axis, rank);
        base.Infer(facts);
    }

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput(5);
}

/// <summary>
/// The axes from <see cref="Axis"/> on divided by the root of their mean square, then scaled (ONNX operator <c>RMSNormalization</c>). Inputs: x, scale
/// (stretched to x), whose type the output has.
/// </summary>
public sealed record RMSNormalization : Op
{
    /// <summary>The first normalised axis; negative counts from the end.</summary>
    public long Axis { get; init; } = -1;

    /// <summary>ε: keeps the root away from 0.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>The element type in which the mean square is computed.</summary>
    public DType StashType { get; init; } = DType.Float32;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Axis = attributes.Int("axis", Axis, -1),
        Epsilon = attributes.Float("epsilon", Epsilon, 1e-5f),
        StashType = attributes.Type("stash_type", StashType, DType.Float32),
    };

    internal override void Infer(Inference facts)
    {
        if (facts.Rank(0) is { } rank)
            facts.Axis(Axis, rank);
        facts.RequireStretchable(1, facts.Shape(0), "the scale");
        facts.Output(0, facts.DType(1), facts.Shape(0));
    }

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput(4);
}
