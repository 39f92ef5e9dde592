namespace Anneal.Onnx.Ops;

/// <summary>The family of operators that draw random numbers.</summary>
internal static class Randomness
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new Dropout(), [1, 6, 7, 10, 12, 13, 22], 1, 3, 2),
        new(new RandomNormal(), [1, 22], 0, 0),
        new(new RandomUniform(), [1, 22], 0, 0),
        new(new RandomNormalLike(), [1, 22], 1, 1),
        new(new RandomUniformLike(), [1, 22], 1, 1),
        new(new Bernoulli(), [15, 22], 1, 1),
        new(new Multinomial(), [7, 22], 1, 1),
    ];

    /// <summary>A tensor whose extents an attribute lists.</summary>
    public static void Make(Inference facts, DType type, IReadOnlyList<long> extents)
    {
        if (extents.Any(extent => extent < 0))
            throw facts.Refuse($"the shape [{string.Join(',', extents)}] has a negative extent");
        facts.Output(0, type, new([.. extents]));
    }
}

/// <summary>
/// x with random elements set to zero and the others scaled up, when training; x itself otherwise. The optional inputs are the ratio of zeros
/// (0.5 when left out) and whether this is training (not when left out); the optional second output says which elements stayed
/// (ONNX operator <c>Dropout</c>).
/// </summary>
public sealed record Dropout : Op
{
    /// <summary>Where the random numbers start; null means anywhere.</summary>
    public long? Seed { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with { Seed = attributes.OptionalInt("seed", Seed) };

    internal override void Infer(Inference facts)
    {
        facts.Output(0, facts.DType(0), facts.Shape(0));
        facts.Output(1, DType.Bool, facts.Shape(0));
    }

    internal override bool IsRandom => true;
}

/// <summary>Numbers of a normal distribution (ONNX operator <c>RandomNormal</c>).</summary>
public sealed record RandomNormal : Op
{
    /// <summary>The element type.</summary>
    public DType ElementType { get; init; } = DType.Float32;

    /// <summary>The mean.</summary>
    public float Mean { get; init; }

    /// <summary>The standard deviation.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>Where the random numbers start; null means anywhere.</summary>
    public float? Seed { get; init; }

    /// <summary>The extents of the result.</summary>
    public AttributeList<long> Extents { get; init; } = [];

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        ElementType = attributes.Type("dtype", ElementType, DType.Float32),
        Mean = attributes.Float("mean", Mean, 0),
        Scale = attributes.Float("scale", Scale, 1),
        Seed = attributes.OptionalFloat("seed", Seed),
        Extents = attributes.RequiredInts("shape", Extents),
    };

    internal override void Infer(Inference facts) => Randomness.Make(facts, ElementType, Extents);

    internal override bool IsRandom => true;

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput();
}

/// <summary>Numbers that lie evenly in a range (ONNX operator <c>RandomUniform</c>).</summary>
public sealed record RandomUniform : Op
{
    /// <summary>The element type.</summary>
    public DType ElementType { get; init; } = DType.Float32;

    /// <summary>The end of the range.</summary>
    public float High { get; init; } = 1;

    /// <summary>The start of the range.</summary>
    public float Low { get; init; }

    /// <summary>Where the random numbers start; null means anywhere.</summary>
    public float? Seed { get; init; }

    /// <summary>The extents of the result.</summary>
    public AttributeList<long> Extents { get; init; } = [];

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        ElementType = attributes.Type("dtype", ElementType, DType.Float32),
        High = attributes.Float("high", High, 1),
        Low = attributes.Float("low", Low, 0),
        Seed = attributes.OptionalFloat("seed", Seed),
        Extents = attributes.RequiredInts("shape", Extents),
    };

    internal override void Infer(Inference facts) => Randomness.Make(facts, ElementType, Extents);

    internal override bool IsRandom => true;

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput();
}

/// <summary>Numbers of a normal distribution, in the shape of x (ONNX operator <c>RandomNormalLike</c>).</summary>
public sealed record RandomNormalLike : Op
{
    /// <summary>The element type; null means that of x.</summary>
    public DType? ElementType { get; init; }

    /// <summary>The mean.</summary>
    public float Mean { get; init; }

    /// <summary>The standard deviation.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>Where the random numbers start; null means anywhere.</summary>
    public float? Seed { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        ElementType = (DType?)attributes.OptionalInt("dtype", (long?)ElementType),
        Mean = attributes.Float("mean", Mean, 0),
        Scale = attributes.Float("scale", Scale, 1),
        Seed = attributes.OptionalFloat("seed", Seed),
    };

    internal override void Infer(Inference facts) => facts.Output(0, ElementType ?? facts.DType(0), facts.Shape(0));

    internal override bool IsRandom => true;

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput();
}

/// <summary>Numbers that lie evenly in a range, in the shape of x (ONNX operator <c>RandomUniformLike</c>).</summary>
public sealed record RandomUniformLike : Op
{
    /// <summary>The element type; null means that of x.</summary>
    public DType? ElementType { get; init; }

    /// <summary>The end of the range.</summary>
    public float High { get; init; } = 1;

    /// <summary>The start of the range.</summary>
    public float Low { get; init; }

    /// <summary>Where the random numbers start; null means anywhere.</summary>
    public float? Seed { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        ElementType = (DType?)attributes.OptionalInt("dtype", (long?)ElementType),
        High = attributes.Float("high", High, 1),
        Low = attributes.Float("low", Low, 0),
        Seed = attributes.OptionalFloat("seed", Seed),
    };

    internal override void Infer(Inference facts) => facts.Output(0, ElementType ?? facts.DType(0), facts.Shape(0));

    internal override bool IsRandom => true;

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput();
}

/// <summary>For each element of x a 1 with that probability, else a 0 (ONNX operator <c>Bernoulli</c>).</summary>
public sealed record Bernoulli : Op
{
    /// <summary>The element type; null means that of x.</summary>
    public DType? ElementType { get; init; }

    /// <summary>Where the random numbers start; null means anywhere.</summary>
    public float? Seed { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        ElementType = (DType?)attributes.OptionalInt("dtype", (long?)ElementType),
        Seed = attributes.OptionalFloat("seed", Seed),
    };

    internal override void Infer(Inference facts) => facts.Output(0, ElementType ?? facts.DType(0), facts.Shape(0));

    internal override bool IsRandom => true;

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput();
}

/// <summary>Numbers of classes, drawn by their logarithmic weights: x [N,classes] to y [N,samples] (ONNX operator <c>Multinomial</c>).</summary>
public sealed record Multinomial : Op
{
    /// <summary>The element type, int32 or int64.</summary>
    public DType ElementType { get; init; } = DType.Int32;

    /// <summary>How many classes are drawn for each row.</summary>
    public long SampleSize { get; init; } = 1;

    /// <summary>Where the random numbers start; null means anywhere.</summary>
    public float? Seed { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        ElementType = attributes.Type("dtype", ElementType, DType.Int32),
        SampleSize = attributes.Int("sample_size", SampleSize, 1),
        Seed = attributes.OptionalFloat("seed", Seed),
    };

    internal override void Infer(Inference facts)
    {
        if (facts.Rank(0) is not (null or 2) || SampleSize < 0)
            throw facts.Refuse($"x should be [N,classes], and sample_size ({SampleSize}) not negative");
        facts.Output(0, ElementType, new(facts.Shape(0)?[0] ?? Dim.Unknown, SampleSize));
    }

    internal override bool IsRandom => true;

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput();
}
