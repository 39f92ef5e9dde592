namespace Anneal.Onnx.Ops;

/// <summary>The family of operators on signals: transforms and windows. A complex number is two numbers along the last axis, a real one is one.</summary>
internal static class Signals
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new SignalWindow("BlackmanWindow"), [17], 1, 1),
        new(new SignalWindow("HammingWindow"), [17], 1, 1),
        new(new SignalWindow("HannWindow"), [17], 1, 1),
        new(new DFT(), [17, 20], 1, 3),
        new(new STFT(), [17], 2, 4),
        new(new MelWeightMatrix(), [17], 5, 5),
    ];

    /// <summary>How many frequencies of a transform differ when the signal is real.</summary>
    public static Dim Half(Dim length) => Extent.Map(length, count => (count / 2) + 1);
}

/// <summary>A window [size] that fades a piece of signal in and out; the size is a scalar (ONNX operators <c>BlackmanWindow</c>, <c>HammingWindow</c>, <c>HannWindow</c>).</summary>
/// <param name="Operator">The operator's name.</param>
public sealed record SignalWindow(string Operator) : Op
{
    /// <inheritdoc/>
    public override string Name => Operator;

    /// <summary>The element type.</summary>
    public DType OutputDatatype { get; init; } = DType.Float32;

    /// <summary>Whether the window is one period, whose next value would be the first again, rather than symmetric.</summary>
    public bool Periodic { get; init; } = true;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        OutputDatatype = attributes.Type("output_datatype", OutputDatatype, DType.Float32),
        Periodic = attributes.Flag("periodic", Periodic, true),
    };

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput();

    internal override void Infer(Inference facts)
    {
        var size = facts.One(0);
        facts.Output(0, OutputDatatype, new(size is { IsKnown: true, Value: < 0 } ? throw facts.Refuse("a size is 0 or more") : size));
    }
}

/// <summary>
/// The discrete Fourier transform along an axis (ONNX operator <c>DFT</c>). Inputs: x […,1] or […,2], the length (a scalar; x is cut or filled up with
/// zeros to it) and the axis (a scalar, -2 when left out).
/// </summary>
public sealed record DFT : Op
{
    /// <summary>Whether it goes back from frequencies.</summary>
    public bool Inverse { get; init; }

    /// <summary>Whether only the frequencies that differ are given (or, inverse, are taken) because the signal is real.</summary>
    public bool Onesided { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Inverse = attributes.Flag("inverse", Inverse, false),
        Onesided = attributes.Flag("onesided", Onesided, false),
    };

    internal override Cost Count(CostFacts facts) => Cost.Unknown;

    internal override void Infer(Inference facts)
    {
        if (facts.Shape(0) is not { } x)
        {
            facts.Output(0, facts.DType(0), null);
            return;
        }
        var numbers = Dim.Of(Inverse && Onesided ? 1 : 2);
        var stated = facts.Has(2) ? facts.One(2) : -2;
        if (!stated.IsKnown)
        {
            facts.Output(0, facts.DType(0), Elements.AnyOfRank(x.Rank).With(x.Rank - 1, numbers));
            return;
        }
        var axis = facts.Axis(stated.Value, x.Rank);
        if (axis == x.Rank - 1)
            throw facts.Refuse("the last axis holds real and imaginary parts and cannot be transformed");
        facts.Output(0, facts.DType(0), x.With(axis, Length(facts, x[axis])).With(x.Rank - 1, numbers));
    }

    private Dim Length(Inference facts, Dim extent)
    {
        if (Inverse && Onesided)
            return facts.Has(1) ? facts.One(1) : Extent.Multiply(2, Extent.Add(extent, -1));
        var length = facts.Has(1) ? facts.One(1) : extent;
        return Onesided ? Signals.Half(length) : length;
    }
}

/// <summary>
/// Fourier transforms of pieces of a signal (ONNX operator <c>STFT</c>). Inputs: x [N,length,1 or 2], the step from piece to piece (a scalar), a window
/// [size] and the size (a scalar); one of the last two may be left out. Output: [N,pieces,frequencies,2].
/// </summary>
public sealed record STFT : Op
{
    /// <summary>Whether only the frequencies that differ are given because the signal is real.</summary>
    public bool Onesided { get; init; } = true;

    private protected override Op Through(AttributeVisitor attributes) => this with { Onesided = attributes.Flag("onesided", Onesided, true) };

    internal override Cost Count(CostFacts facts) => Cost.Unknown;

    internal override void Infer(Inference facts)
    {
        if (facts.Rank(0) is not (null or 3) || facts.Rank(2) is not (null or 1))
            throw facts.Refuse("x should be [N,length,1 or 2], and the window [size]");
        if (!facts.Has(2) && !facts.Has(3))
            throw facts.Refuse("a window or a size is needed");
        var x = facts.Shape(0) ?? Elements.AnyOfRank(3);
        var window = facts.Shape(2)?[0] ?? Dim.Unknown;
        var size = facts.Has(3) ? facts.Same(facts.One(3), window, "the size and the length of the window") : window;
        facts.Output(0, facts.DType(0), new(x[0], Pieces(facts, x[1], size, facts.One(1)), Onesided ? Signals.Half(size) : size, 2));
    }

    private static Dim Pieces(Inference facts, Dim length, Dim size, Dim step)
    {
        if (step is { IsKnown: true, Value: < 1 } || size is { IsKnown: true, Value: < 1 } || (length.IsKnown && size.IsKnown && size.Value > length.Value))
            throw facts.Refuse($"pieces of {size} in steps of {step} do not fit into a signal of {length}");
        return length.IsKnown && size.IsKnown && step.IsKnown ? ((length.Value - size.Value) / step.Value) + 1 : Dim.Unknown;
    }
}

/// <summary>
/// Weights [frequencies,bands] that sum a spectrum up in bands as wide as the ear hears them (ONNX operator <c>MelWeightMatrix</c>). Inputs, all scalars: the
/// bands, the length of the transform, the sample rate, and the lowest and highest frequency in Hz.
/// </summary>
public sealed record MelWeightMatrix : Op
{
    /// <summary>The element type.</summary>
    public DType OutputDatatype { get; init; } = DType.Float32;

    private protected override Op Through(AttributeVisitor attributes) => this with { OutputDatatype = attributes.Type("output_datatype", OutputDatatype, DType.Float32) };

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput();

    internal override void Infer(Inference facts) => facts.Output(0, OutputDatatype, new(Signals.Half(facts.One(1)), facts.One(0)));
}
