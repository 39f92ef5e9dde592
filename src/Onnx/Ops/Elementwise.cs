namespace Anneal.Onnx.Ops;

/// <summary>
/// An operator that works on each element alone, with broadcasting where it takes several inputs, and has no attributes of its own: its
/// output has the inputs' element type, or bool for comparisons.
/// </summary>
/// <param name="Operator">The operator's name.</param>
/// <param name="Result">The element type of the output; undefined means that of the first input.</param>
public sealed record Elementwise(string Operator, DType Result = DType.Undefined) : Op
{
    /// <inheritdoc/>
    public override string Name => Operator;

    internal static IEnumerable<OpEntry> Entries =>
    [
        new(new Elementwise("Abs"), [1, 6, 13], 1, 1),
        new(new Elementwise("Acos"), [7, 22], 1, 1),
        new(new Elementwise("Acosh"), [9, 22], 1, 1),
        new(new Elementwise("Add"), [1, 6, 7, 13, 14], 2, 2),
        new(new Elementwise("And", DType.Bool), [1, 7], 2, 2),
        new(new Elementwise("Asin"), [7, 22], 1, 1),
        new(new Elementwise("Asinh"), [9, 22], 1, 1),
        new(new Elementwise("Atan"), [7, 22], 1, 1),
        new(new Elementwise("Atanh"), [9, 22], 1, 1),
        new(new Elementwise("BitwiseAnd"), [18], 2, 2),
        new(new Elementwise("BitwiseNot"), [18], 1, 1),
        new(new Elementwise("BitwiseOr"), [18], 2, 2),
        new(new Elementwise("BitwiseXor"), [18], 2, 2),
        new(new Elementwise("Ceil"), [1, 6, 13], 1, 1),
        new(new Elementwise("Cos"), [7, 22], 1, 1),
        new(new Elementwise("Cosh"), [9, 22], 1, 1),
        new(new Elementwise("Div"), [1, 6, 7, 13, 14], 2, 2),
        new(new Elementwise("Equal", DType.Bool), [1, 7, 11, 13, 19], 2, 2),
        new(new Elementwise("Erf"), [9, 13], 1, 1),
        new(new Elementwise("Exp"), [1, 6, 13], 1, 1),
        new(new Elementwise("Floor"), [1, 6, 13], 1, 1),
        new(new Elementwise("Greater", DType.Bool), [1, 7, 9, 13], 2, 2),
        new(new Elementwise("GreaterOrEqual", DType.Bool), [12, 16], 2, 2),
        new(new Elementwise("HardSwish"), [14, 22], 1, 1),
        new(new Elementwise("IsNaN", DType.Bool), [9, 13, 20], 1, 1),
        new(new Elementwise("Less", DType.Bool), [1, 7, 9, 13], 2, 2),
        new(new Elementwise("LessOrEqual", DType.Bool), [12, 16], 2, 2),
        new(new Elementwise("Log"), [1, 6, 13], 1, 1),
        new(new Elementwise("Max"), [1, 6, 8, 12, 13], 1, OpEntry.Any),
        new(new Elementwise("Mean"), [1, 6, 8, 13], 1, OpEntry.Any),
        new(new Elementwise("Min"), [1, 6, 8, 12, 13], 1, OpEntry.Any),
        new(new Elementwise("Mish"), [18, 22], 1, 1),
        new(new Elementwise("Mul"), [1, 6, 7, 13, 14], 2, 2),
        new(new Elementwise("Neg"), [1, 6, 13], 1, 1),
        new(new Elementwise("Not", DType.Bool), [1], 1, 1),
        new(new Elementwise("Or", DType.Bool), [1, 7], 2, 2),
        new(new Elementwise("Pow"), [1, 7, 12, 13, 15], 2, 2),
        new(new Elementwise("Reciprocal"), [1, 6, 13], 1, 1),
        new(new Elementwise("Relu"), [1, 6, 13, 14], 1, 1),
        new(new Elementwise("Round"), [11, 22], 1, 1),
        new(new Elementwise("Sigmoid"), [1, 6, 13], 1, 1),
        new(new Elementwise("Sign"), [9, 13], 1, 1),
        new(new Elementwise("Sin"), [7, 22], 1, 1),
        new(new Elementwise("Sinh"), [9, 22], 1, 1),
        new(new Elementwise("Softplus"), [1, 22], 1, 1),
        new(new Elementwise("Softsign"), [1, 22], 1, 1),
        new(new Elementwise("Sqrt"), [1, 6, 13], 1, 1),
        new(new Elementwise("Sub"), [1, 6, 7, 13, 14], 2, 2),
        new(new Elementwise("Sum"), [1, 6, 8, 13], 1, OpEntry.Any),
        new(new Elementwise("Tan"), [7, 22], 1, 1),
        new(new Elementwise("Tanh"), [1, 6, 13], 1, 1),
        new(new Elementwise("Xor", DType.Bool), [1, 7], 2, 2),
        new(new BitShift(), [11], 2, 2),
        new(new Clip(), [1, 6, 11, 12, 13], 1, 3),
        new(new IsInf(), [10, 20], 1, 1),
        new(new Mod(), [10, 13], 2, 2),
        new(new Where(), [9, 16], 3, 3),
    ];

    internal override void Infer(Inference facts)
    {
        // The exponent of Pow alone may have a type of its own.
        var given = Operator == "Pow" ? facts.DType(0) : facts.SameType([.. Enumerable.Range(0, facts.InputCount)]);
        var dtype = Result == DType.Undefined ? given : Result;
        var shape = facts.BroadcastAll();
        facts.Output(0, RealFormulas.Apply(facts, Operator, dtype, shape)
            ?? Fact.Tensor(dtype, shape, IntegerFormulas.Find(Operator) is { } formula ? facts.Follow(dtype, shape, formula) : null));
    }

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput(facts.InputCount > 2 ? facts.InputCount - 1 : 1);
}

/// <summary>Shifts the bits of unsigned integers; both inputs broadcast (ONNX operator <c>BitShift</c>).</summary>
public sealed record BitShift : Op
{
    /// <summary><c>LEFT</c> or <c>RIGHT</c>; required.</summary>
    public string Direction { get; init; } = "";

    private protected override Op Through(AttributeVisitor attributes) => this with { Direction = attributes.RequiredText("direction", Direction) };

    internal override void Infer(Inference facts)
    {
        if (Direction is not ("LEFT" or "RIGHT"))
            throw facts.Refuse($"direction '{Direction}' is neither LEFT nor RIGHT");
        facts.Output(0, facts.SameType(0, 1), facts.BroadcastAll());
    }

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput();
}

/// <summary>x held between min and max, two scalars either of which may be left out (ONNX operator <c>Clip</c>).</summary>
public sealed record Clip : Op
{
    internal override void Infer(Inference facts)
    {
        RequireScalar(facts, 1, "min");
        RequireScalar(facts, 2, "max");
        facts.Output(0, facts.SameType(0, 1, 2), facts.Shape(0), Elements(facts));
    }

    private static void RequireScalar(Inference facts, int index, string name)
    {
        // Rank 0 is what the specification asks for; one element in a vector is what many files hold, and runtimes take it.
        if (facts.Has(index) && facts.Shape(index) is { } shape && shape.Any(extent => extent is { IsKnown: true, Value: not 1 }))
            throw facts.Refuse($"{name} should be a scalar, but has the shape {shape}");
    }

    private static List<Dim>? Elements(Inference facts)
    {
        if (facts.Input(0).Elements is not { } elements || Bound(facts, 1, long.MinValue) is not { } min || Bound(facts, 2, long.MaxValue) is not { } max)
            return null;
        // The upper bound wins where the bounds cross.
        return [.. elements.Select(element => element.IsKnown ? Math.Min(Math.Max(element.Value, min), max) : Dim.Unknown)];
    }

    private static long? Bound(Inference facts, int index, long none) => facts.Has(index) ? facts.Ints(index) is [var bound] ? bound : null : none;

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput();
}

/// <summary>Whether each element is infinite (ONNX operator <c>IsInf</c>); the output is bool.</summary>
public sealed record IsInf : Op
{
    /// <summary>Whether negative infinity counts.</summary>
    public bool DetectNegative { get; init; } = true;

    /// <summary>Whether positive infinity counts.</summary>
    public bool DetectPositive { get; init; } = true;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        DetectNegative = attributes.Flag("detect_negative", DetectNegative, true),
        DetectPositive = attributes.Flag("detect_positive", DetectPositive, true),
    };

    internal override void Infer(Inference facts) => facts.Output(0, DType.Bool, facts.Shape(0));

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput();
}

/// <summary>The remainder of a division, element by element with broadcasting (ONNX operator <c>Mod</c>).</summary>
public sealed record Mod : Op
{
    /// <summary>Whether the remainder has the dividend's sign, as in C; required for floats. Otherwise it has the divisor's.</summary>
    public bool Fmod { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with { Fmod = attributes.Flag("fmod", Fmod, false) };

    internal override void Infer(Inference facts)
    {
        var (dtype, shape) = (facts.SameType(0, 1), facts.BroadcastAll());
        if (dtype.IsFloat() && !Fmod)
            throw facts.Refuse("floats need the attribute fmod = 1");
        facts.Output(0, dtype, shape, facts.Follow(dtype, shape, given => IntegerFormulas.Modulo(given[0], given[1], Fmod)));
    }

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput();
}

/// <summary>Takes each element from x where the condition holds and from y elsewhere; all three broadcast (ONNX operator <c>Where</c>).</summary>
public sealed record Where : Op
{
    internal override void Infer(Inference facts)
    {
        var (dtype, shape) = (facts.SameType(1, 2), facts.BroadcastAll());
        if (facts.DType(0) is not (DType.Bool or DType.Undefined))
            throw facts.Refuse("the condition should be bool");
        facts.Output(0, dtype, shape, facts.Follow(dtype, shape, given => Choose(given[0], given[1], given[2])));
    }

    private static Dim Choose(Dim condition, Dim x, Dim y)
    {
        if (condition.IsKnown)
            return condition.Value != 0 ? x : y;
        return x == y ? x : Dim.Unknown;
    }

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput();
}
