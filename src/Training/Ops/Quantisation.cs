using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>
/// Between real numbers and small integers, halves rounded to even and what lies outside the range held at its ends. Values only.
/// </summary>
internal static class Quantisation
{
    private const string Rounding = "rounding has no slope";

    public static IEnumerable<Kernel> Kernels =>
    [
        new ValuesOnly<QuantizeLinear>("QuantizeLinear", Rounding, (op, x, _) => [Quantize(op, x)]),
        new ValuesOnly<DequantizeLinear>("DequantizeLinear", "its input is integers, which have no gradient, so its scale alone would learn", (op, x, _) => [Dequantize(op, x)]),
        new ValuesOnly<DynamicQuantizeLinear>("DynamicQuantizeLinear", Rounding, (_, x, _) => QuantizeByRange(x[0]!)),
    ];

    /// <summary>round(x) + zero point, held in the range of an integer type.</summary>
    public static Tensor Saturate(Tensor x, Tensor? zeroPoint, DType dtype)
    {
        var (least, greatest) = RangeOf(dtype);
        var rounded = x.Round();
        return (zeroPoint is null ? rounded : rounded + zeroPoint.To(x.DType)).Max(least).Min(greatest).To(dtype);
    }

    private static Tensor Quantize(QuantizeLinear op, ReadOnlySpan<Tensor?> inputs)
    {
        var (x, scale) = (inputs[0]!, inputs[1]!);
        var zeroPoint = inputs.Length > 2 && inputs[2] is { } given ? Scales.Over(given, x.Shape, op.Axis, op.BlockSize) : null;
        var dtype = zeroPoint?.DType ?? (op.OutputDtype == DType.Undefined ? DType.UInt8 : op.OutputDtype);
        var quotient = Divide(x, Scales.Over(scale, x.Shape, op.Axis, op.BlockSize), op.Precision == DType.Undefined ? scale.DType : op.Precision);
        return dtype.Bits() == 8 && dtype.IsFloat()
            ? Tensor.Apply(new Cast { To = dtype, Saturate = op.Saturate }, quotient)
            : Saturate(quotient, zeroPoint, dtype);
    }

    /// <summary>A quotient in a type: one narrower than float32 is rounded to it afterwards, which is as exact as to divide in it.</summary>
    private static Tensor Divide(Tensor x, Tensor scale, DType dtype)
    {
        if (dtype is DType.Float32 or DType.Double)
            return x.To(dtype) / scale.To(dtype);
        return (x.To(dtype).To(DType.Float32) / scale.To(dtype).To(DType.Float32)).To(dtype).To(DType.Float32);
    }

    private static Tensor Dequantize(DequantizeLinear op, ReadOnlySpan<Tensor?> inputs)
    {
        var (x, scale) = (inputs[0]!, inputs[1]!);
        var dtype = op.OutputDtype == DType.Undefined ? scale.DType : op.OutputDtype;
        var wide = dtype == DType.Double ? DType.Double : DType.Float32;
        var difference = x.To(wide);
        if (inputs.Length > 2 && inputs[2] is { } zeroPoint)
            difference -= Scales.Over(zeroPoint, x.Shape, op.Axis, op.BlockSize).To(wide);
        return (difference * Scales.Over(scale, x.Shape, op.Axis, op.BlockSize).To(wide)).To(dtype);
    }

    /// <summary>Scale and zero point such that the range of x, which is made to hold 0, fills 0 to 255.</summary>
    private static Tensor[] QuantizeByRange(Tensor given)
    {
        var x = given.To(DType.Float32);
        var (least, greatest) = (Tensor.Apply(new Reduction("ReduceMin") { Keepdims = false }, x).Min(0), x.Largest().Max(0));
        var range = greatest - least;
        // Where all elements are 0 any scale will do.
        var scale = Tensor.Where(range.Equal(0), Tensor.Scalar(1f, x.Device), range / byte.MaxValue);
        var zeroPoint = Saturate(0 - (least / scale), null, DType.UInt8);
        return [Saturate(x / scale, zeroPoint, DType.UInt8), scale, zeroPoint];
    }

    private static (double Least, double Greatest) RangeOf(DType dtype) => dtype switch
    {
        DType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
        DType.UInt8 => (byte.MinValue, byte.MaxValue),
        DType.Int16 => (short.MinValue, short.MaxValue),
        DType.UInt16 => (ushort.MinValue, ushort.MaxValue),
        _ => throw new ShapeMismatchException($"Numbers are quantised to int8, uint8, int16, uint16 and 8-bit floats here; {dtype} was asked for."),
    };
}
