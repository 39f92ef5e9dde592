using System.Numerics;
using System.Numerics.Tensors;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>The elementwise operators of two inputs that broadcast: value below, gradient here in terms of other operators.</summary>
internal static class Binary
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new BinaryKernel<Elementwise, Sum>("Add", call => call.Dy(0), call => call.Dy(0)),
        new BinaryKernel<Elementwise, Difference>("Sub", call => call.Dy(0), call => -call.Dy(0)),
        new BinaryKernel<Elementwise, Product>("Mul", call => call.Dy(0) * call.X(1), call => call.Dy(0) * call.X(0)),
        new BinaryKernel<Elementwise, Quotient>("Div", call => call.Dy(0) / call.X(1), call => -(call.Dy(0) * call.Y(0) / call.X(1))),
        new BinaryKernel<Elementwise, Power>("Pow",
            call => call.Dy(0) * call.X(1) * call.X(0).Pow(call.X(1) - 1),
            call => call.Dy(0) * call.Y(0) * call.X(0).Log()),
        new BinaryKernel<PRelu, Leak>("PRelu",
            call => Tensor.Where(call.X(0) < 0, call.Dy(0) * call.X(1), call.Dy(0)),
            call => call.Dy(0) * call.X(0).Min(0)),
        new BinaryKernel<Elementwise, Conjunction>("And"),
        new BinaryKernel<Elementwise, Disjunction>("Or"),
        new BinaryKernel<Elementwise, Exclusion>("Xor"),
        new BinaryKernel<Elementwise, Larger>("Max", call => Share(call, 0), call => Share(call, 1)),
        new BinaryKernel<Elementwise, Smaller>("Min", call => Share(call, 0), call => Share(call, 1)),
        new BinaryKernel<Elementwise, Sum>("Sum", call => call.Dy(0), call => call.Dy(0)),
        new Composite<Elementwise>("Mean", (_, x) => Tensor.Apply(new Elementwise("Sum"), x) / x.Length),
        new Composite<SwiGLU>("SwiGLU", (op, x) => Tensor.Apply(new Swish { Alpha = op.Alpha }, x[0]) * x[1]!) { IsChecked = true },
        new ModKernel(),
    ];

    /// <summary>The gradient goes to the input that won, and in halves to both where they are equal.</summary>
    private static Tensor Share(GradientCall call, int index)
    {
        var (zero, won) = (call.Dy(0).ZerosLike(), call.X(index).Equal(call.Y(0)));
        return Tensor.Where(won, Tensor.Where(call.X(1 - index).Equal(call.Y(0)), call.Dy(0) * 0.5, call.Dy(0)), zero);
    }
}

/// <summary>
/// An elementwise operator of two inputs. One that ONNX lets have any number of inputs folds them from the left; one input is itself.
/// </summary>
internal sealed class BinaryKernel<TOp, TFormula>(string name, Func<GradientCall, Tensor>? da = null, Func<GradientCall, Tensor>? db = null) : Kernel<TOp>(name)
    where TOp : Op
    where TFormula : struct, IBinary
{
    public override Tensor[] Apply(Op op, ReadOnlySpan<Tensor?> inputs, int outputCount)
    {
        if (inputs.Length == 1)
            return [Tensor.Apply(new Identity(), inputs[0])];
        var result = base.Apply(op, inputs[..2], outputCount);
        foreach (var next in inputs[2..])
            result = base.Apply(op, [result[0], next], outputCount);
        return result;
    }

    protected override void Compute(TOp op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var (a, b) = (x[0]!, x[1]!);
        if (a.DType != b.DType)
            b = b.To(a.DType);
        BinaryTypes.Zip<TFormula>(this, a, b, y[0]);
    }

    protected override void Compute(GpuDevice gpu, TOp op, ReadOnlySpan<Tensor?> x, Tensor[] y) =>
        BinaryTypes.Zip<TFormula>(this, gpu, x[0]!, x[1]!.To(x[0]!.DType), y[0]);

    protected override void Backward(TOp op, GradientCall call)
    {
        if (da is null || db is null)
        {
            base.Backward(op, call);
            return;
        }
        if (call.Wants(0))
            call.Give(0, da(call).SumTo(call.X(0).Shape));
        if (call.Wants(1))
            call.Give(1, db(call).SumTo(call.X(1).Shape));
    }
}

/// <summary>The remainder of a division, with the sign of the dividend (fmod) or of the divisor.</summary>
internal sealed class ModKernel() : Kernel<Mod>("Mod")
{
    protected override void Compute(Mod op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (op.Fmod)
            BinaryTypes.Zip<Remainder>(this, x[0]!, x[1]!, y[0]);
        else
            BinaryTypes.Zip<Modulo>(this, x[0]!, x[1]!, y[0]);
    }

    protected override void Compute(GpuDevice gpu, Mod op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (op.Fmod)
            BinaryTypes.Zip<Remainder>(this, gpu, x[0]!, x[1]!, y[0]);
        else
            BinaryTypes.Zip<Modulo>(this, gpu, x[0]!, x[1]!, y[0]);
    }

    // x = q·d + y with a whole q, which no small change moves.
    protected override void Backward(Mod op, GradientCall call)
    {
        if (call.Wants(0))
            call.Give(0, call.Dy(0).SumTo(call.X(0).Shape));
        if (call.Wants(1))
            call.Give(1, (call.Dy(0) * ((call.Y(0) - call.X(0)) / call.X(1)).Round()).SumTo(call.X(1).Shape));
    }
}

/// <summary>Runs a formula of two inputs in whichever type they have.</summary>
internal static class BinaryTypes
{
    public static void Zip<TFormula>(Kernel kernel, Tensor a, Tensor b, Tensor y) where TFormula : struct, IBinary
    {
        if (TFormula.NeedsDivisor && a.DType.IsInteger())
            RequireNoZero(kernel, b);
        switch (a.DType)
        {
            case DType.Float32: BroadcastLoops.Zip<float, TFormula>(a, b, y); break;
            case DType.Double: BroadcastLoops.Zip<double, TFormula>(a, b, y); break;
            case DType.Int64: BroadcastLoops.Zip<long, TFormula>(a, b, y); break;
            case DType.Int32: BroadcastLoops.Zip<int, TFormula>(a, b, y); break;
            case DType.Int16: BroadcastLoops.Zip<short, TFormula>(a, b, y); break;
            case DType.Int8: BroadcastLoops.Zip<sbyte, TFormula>(a, b, y); break;
            case DType.UInt8 or DType.Bool: BroadcastLoops.Zip<byte, TFormula>(a, b, y); break;
            case DType.UInt16: BroadcastLoops.Zip<ushort, TFormula>(a, b, y); break;
            case DType.UInt32: BroadcastLoops.Zip<uint, TFormula>(a, b, y); break;
            case DType.UInt64: BroadcastLoops.Zip<ulong, TFormula>(a, b, y); break;
            default: throw new ShapeMismatchException($"{kernel.Name} does not take {a.Title}. Convert it with To first.");
        }
    }

    /// <summary>As <see cref="Zip{TFormula}(Kernel, Tensor, Tensor, Tensor)"/>, on a GPU. A GPU cannot say that it divided by 0: integer divisors are looked at first.</summary>
    public static void Zip<TFormula>(Kernel kernel, GpuDevice gpu, Tensor a, Tensor b, Tensor y) where TFormula : struct, IBinary
    {
        if (TFormula.NeedsDivisor && a.DType.IsInteger())
            RequireNoZero(kernel, b);
        if (!GpuElements.TryZip<TFormula>(gpu, a, b, y))
            throw new DeviceUnavailableException($"{kernel.Name} takes {GpuElements.Types} on {gpu.Name}; {a.Title} was given. Convert it with To first.");
    }

    private static void RequireNoZero(Kernel kernel, Tensor divisor)
    {
        if (divisor.ToInt64s().Contains(0))
            throw new AnnealException($"{kernel.Name} divides integers by zero: {divisor.Title} has an element that is 0.");
    }
}

internal readonly struct Sum : IBinary
{
    public static T F<T>(T a, T b) where T : unmanaged, INumber<T> => a + b;
    public static bool TryF<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y) where T : unmanaged, INumber<T>
    {
        TensorPrimitives.Add(a, b, y);
        return true;
    }

    public static bool TryF<T>(ReadOnlySpan<T> a, T b, Span<T> y) where T : unmanaged, INumber<T>
    {
        TensorPrimitives.Add(a, b, y);
        return true;
    }
}

internal readonly struct Difference : IBinary
{
    public static T F<T>(T a, T b) where T : unmanaged, INumber<T> => a - b;
    public static bool TryF<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y) where T : unmanaged, INumber<T>
    {
        TensorPrimitives.Subtract(a, b, y);
        return true;
    }

    public static bool TryF<T>(ReadOnlySpan<T> a, T b, Span<T> y) where T : unmanaged, INumber<T>
    {
        TensorPrimitives.Subtract(a, b, y);
        return true;
    }
}

internal readonly struct Product : IBinary
{
    public static T F<T>(T a, T b) where T : unmanaged, INumber<T> => a * b;
    public static bool TryF<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y) where T : unmanaged, INumber<T>
    {
        TensorPrimitives.Multiply(a, b, y);
        return true;
    }

    public static bool TryF<T>(ReadOnlySpan<T> a, T b, Span<T> y) where T : unmanaged, INumber<T>
    {
        TensorPrimitives.Multiply(a, b, y);
        return true;
    }
}

/// <summary>Integers are cut towards zero.</summary>
internal readonly struct Quotient : IBinary
{
    public static bool NeedsDivisor => true;

    public static T F<T>(T a, T b) where T : unmanaged, INumber<T> => a / b;
    public static bool TryF<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y) where T : unmanaged, INumber<T>
    {
        TensorPrimitives.Divide(a, b, y);
        return true;
    }

    public static bool TryF<T>(ReadOnlySpan<T> a, T b, Span<T> y) where T : unmanaged, INumber<T>
    {
        TensorPrimitives.Divide(a, b, y);
        return true;
    }
}

internal readonly struct Power : IBinary
{
    public static T F<T>(T a, T b) where T : unmanaged, INumber<T> => RealFunctions.Pow(a, b);
}

/// <summary>x where it is not negative, x times the slope elsewhere.</summary>
internal readonly struct Leak : IBinary
{
    public static T F<T>(T a, T b) where T : unmanaged, INumber<T> => a < T.Zero ? a * b : a;
}

internal readonly struct Conjunction : IBinary
{
    public static T F<T>(T a, T b) where T : unmanaged, INumber<T> => a != T.Zero && b != T.Zero ? T.One : T.Zero;
}

internal readonly struct Disjunction : IBinary
{
    public static T F<T>(T a, T b) where T : unmanaged, INumber<T> => a != T.Zero || b != T.Zero ? T.One : T.Zero;
}

internal readonly struct Exclusion : IBinary
{
    public static T F<T>(T a, T b) where T : unmanaged, INumber<T> => a != T.Zero != (b != T.Zero) ? T.One : T.Zero;
}

/// <summary>A NaN on either side wins.</summary>
internal readonly struct Larger : IBinary
{
    public static T F<T>(T a, T b) where T : unmanaged, INumber<T> => T.Max(a, b);
    public static bool TryF<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y) where T : unmanaged, INumber<T>
    {
        TensorPrimitives.Max(a, b, y);
        return true;
    }
}

/// <summary>A NaN on either side wins.</summary>
internal readonly struct Smaller : IBinary
{
    public static T F<T>(T a, T b) where T : unmanaged, INumber<T> => T.Min(a, b);
    public static bool TryF<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y) where T : unmanaged, INumber<T>
    {
        TensorPrimitives.Min(a, b, y);
        return true;
    }
}

/// <summary>As C's %: the sign of the dividend.</summary>
internal readonly struct Remainder : IBinary
{
    public static bool NeedsDivisor => true;

    public static T F<T>(T a, T b) where T : unmanaged, INumber<T> => a % b;
}

/// <summary>As Python's %: the sign of the divisor.</summary>
internal readonly struct Modulo : IBinary
{
    public static bool NeedsDivisor => true;

    public static T F<T>(T a, T b) where T : unmanaged, INumber<T>
    {
        var remainder = a % b;
        return remainder != T.Zero && remainder < T.Zero != b < T.Zero ? remainder + b : remainder;
    }
}
