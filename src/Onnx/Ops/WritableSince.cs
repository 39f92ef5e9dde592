namespace Anneal.Onnx.Ops;

/// <summary>
/// The oldest operator set in which an operator can be written as its record means it. Records know current versions only; most versions
/// after 18 only allowed more element types, and what they added is listed here (ONNX, "Changelog").
/// </summary>
internal static class WritableSince
{
    /// <summary>The oldest operator set that is written at all: the one in which the axes of all reductions became inputs.</summary>
    public const long Oldest = 18;

    /// <summary>The newest operator set that is written: in a later one the operators may mean something else.</summary>
    public static long Newest { get; } = OpTable.All.Where(entry => entry.Domain.Length == 0).Max(entry => entry.Since[^1]);

    /// <summary>The oldest operator set for an operator with these attributes on inputs of the usual element types.</summary>
    public static long Of(OpEntry entry, Op op) => Math.Max(Math.Max(Oldest, entry.Since[0]), op switch
    {
        GroupNormalization => 21,
        AveragePool { CeilMode: true } or AveragePool { Window.Dilations: not null } => 19,
        MaxPool { CeilMode: true } or LpPool { CeilMode: true } => 22,
        Pad { Mode: "wrap" } => 19,
        Resize { CoordinateTransformationMode: "half_pixel_symmetric" } => 19,
        Cast { RoundMode: not "up" } or CastLike { RoundMode: not "up" } => 24,
        Cast { Saturate: false } or CastLike { Saturate: false } => 19,
        QuantizeLinear { Precision: not DType.Undefined } or DequantizeLinear { OutputDtype: not DType.Undefined } => 23,
        QuantizeLinear { BlockSize: not 0 } or QuantizeLinear { OutputDtype: not DType.Undefined } or DequantizeLinear { BlockSize: not 0 } => 21,
        QuantizeLinear { Saturate: false } => 19,
        Range { StashType: not DType.Float32 } => 27,
        _ => 0,
    });

    /// <summary>Whether operators took this element type from the start; newer types came to each operator in a version of its own.</summary>
    public static bool IsUsual(DType dtype) => dtype is DType.Undefined or DType.Float16 or DType.Float32 or DType.Double or DType.Bool or DType.String
        || (dtype.IsInteger() && dtype.Bits() >= 8);

    /// <summary>Whether an operator was withdrawn and only old files may hold it.</summary>
    public static bool IsWithdrawn(Op op) => op is Scatter or Upsample;
}
