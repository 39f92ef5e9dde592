namespace Anneal.Onnx.Ops;

/// <summary>The family of operators that go between real numbers and small integers.</summary>
internal static class Quantization
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new DequantizeLinear(), [10, 13, 19, 21, 23, 24, 25], 2, 3),
        new(new DynamicQuantizeLinear(), [11], 1, 1, 3),
        new(new QuantizeLinear(), [10, 13, 19, 21, 23, 24, 25], 2, 3),
    ];

    /// <summary>Checks scale and zero point: a scalar, a vector along the axis, or blocks.</summary>
    public static void RequireScale(Inference facts, long axis, long blockSize)
    {
        if (blockSize < 0)
            throw facts.Refuse($"block_size {blockSize} is negative");
        if (facts.Shape(0) is not { } x || facts.Shape(1) is not { } scale)
            return;
        if (blockSize == 0 && scale.Rank == 1 && x.Rank > 1 && scale[0] is { IsKnown: true, Value: not 1 })
            facts.Same(x[facts.Axis(axis, x.Rank)], scale[0], "the extent of the axis and the length of the scale");
        if (blockSize > 0 && scale.Rank != x.Rank)
            throw facts.Refuse("a scale of blocks needs the rank of x");
    }
}

/// <summary>(x - zero point) · scale (ONNX operator <c>DequantizeLinear</c>). Inputs: x, scale, zero point (may be left out).</summary>
public sealed record DequantizeLinear : Op
{
    /// <summary>The axis along which a vector of scales runs; negative counts from the end.</summary>
    public long Axis { get; init; } = 1;

    /// <summary>How many neighbours along the axis share a scale; 0 when scales are no blocks.</summary>
    public long BlockSize { get; init; }

    /// <summary>The element type of the output; undefined means that of the scale.</summary>
    public DType OutputDtype { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Axis = attributes.Int("axis", Axis, 1),
        BlockSize = attributes.Int("block_size", BlockSize, 0),
        OutputDtype = attributes.Type("output_dtype", OutputDtype, DType.Undefined),
    };

    internal override void Infer(Inference facts)
    {
        Quantization.RequireScale(facts, Axis, BlockSize);
        facts.Output(0, OutputDtype == DType.Undefined ? facts.DType(1) : OutputDtype, facts.Shape(0));
    }

    internal override bool IsLearnable(int input) => input == 0;

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput(2);
}

/// <summary>
/// x in 8 bits with a scale and a zero point that fit its range (ONNX operator <c>DynamicQuantizeLinear</c>). Outputs: uint8 of the shape of x,
/// scale (float scalar), zero point (uint8 scalar).
/// </summary>
public sealed record DynamicQuantizeLinear : Op
{
    internal override void Infer(Inference facts)
    {
        facts.Output(0, DType.UInt8, facts.Shape(0));
        facts.Output(1, DType.Float32, Shape.Scalar);
        facts.Output(2, DType.UInt8, Shape.Scalar);
    }

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput(4);
}

/// <summary>x / scale + zero point, rounded and held in range (ONNX operator <c>QuantizeLinear</c>). Inputs: x, scale, zero point (may be left out).</summary>
public sealed record QuantizeLinear : Op
{
    /// <summary>The axis along which a vector of scales runs; negative counts from the end.</summary>
    public long Axis { get; init; } = 1;

    /// <summary>How many neighbours along the axis share a scale; 0 when scales are no blocks.</summary>
    public long BlockSize { get; init; }

    /// <summary>The element type of the output; undefined means that of the zero point, or uint8 without one.</summary>
    public DType OutputDtype { get; init; }

    /// <summary>The element type in which x is divided by the scale; undefined means that of the scale.</summary>
    public DType Precision { get; init; }

    /// <summary>Whether 8-bit floats stop at the greatest number instead of becoming infinite or NaN.</summary>
    public bool Saturate { get; init; } = true;

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Axis = attributes.Int("axis", Axis, 1),
        BlockSize = attributes.Int("block_size", BlockSize, 0),
        OutputDtype = attributes.Type("output_dtype", OutputDtype, DType.Undefined),
        Precision = attributes.Type("precision", Precision, DType.Undefined),
        Saturate = attributes.Flag("saturate", Saturate, true),
    };

    internal override void Infer(Inference facts)
    {
        Quantization.RequireScale(facts, Axis, BlockSize);
        var zeroPoint = facts.Has(2) ? facts.DType(2) : OutputDtype == DType.Undefined ? DType.UInt8 : OutputDtype;
        if (OutputDtype != DType.Undefined && zeroPoint != DType.Undefined && zeroPoint != OutputDtype)
            throw facts.Refuse($"output_dtype is {OutputDtype}, the zero point is {zeroPoint}");
        facts.Output(0, OutputDtype == DType.Undefined ? zeroPoint : OutputDtype, facts.Shape(0));
    }

    internal override bool IsLearnable(int input) => input == 0;

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput(2);
}
