using System.Numerics;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>Questions about elements, answered with bool, and what is chosen by them.</summary>
internal static class Comparison
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new ComparisonKernel<Same>("Equal"),
        new ComparisonKernel<Above>("Greater"),
        new ComparisonKernel<AboveOrSame>("GreaterOrEqual"),
        new ComparisonKernel<Below>("Less"),
        new ComparisonKernel<BelowOrSame>("LessOrEqual"),
        new Composite<Elementwise>("Not", (_, x) => Tensor.Apply(new Elementwise("Xor", DType.Bool), x[0], Tensor.Scalar(true, x[0]!.Device))),
        new Composite<Elementwise>("IsNaN", (_, x) => !x[0]!.Detach().Equal(x[0]!.Detach())),
        new Composite<IsInf>("IsInf", IsInf),
        new Composite<Clip>("Clip", Clip),
        new WhereKernel(),
    ];

    private static Tensor IsInf(IsInf op, ReadOnlySpan<Tensor?> x)
    {
        var given = x[0]!.Detach();
        var (up, down) = (given.Equal(double.PositiveInfinity), given.Equal(double.NegativeInfinity));
        return (op.DetectPositive, op.DetectNegative) switch
        {
            (true, true) => up | down,
            (true, false) => up,
            (false, true) => down,
            _ => up & down,
        };
    }

    /// <summary>The upper bound wins where the bounds cross. The gradient stops at the bounds.</summary>
    private static Tensor Clip(Clip op, ReadOnlySpan<Tensor?> x)
    {
        var y = x[0]!;
        if (x.Length > 1 && x[1] is { } min)
            y = Tensor.Where(y.Detach() < min, min, y);
        if (x.Length > 2 && x[2] is { } max)
            y = Tensor.Where(y.Detach() > max, max, y);
        return ReferenceEquals(y, x[0]) ? Tensor.Apply(new Identity(), y) : y;
    }
}

/// <summary>A comparison of two inputs that broadcast.</summary>
internal sealed class ComparisonKernel<TFormula>(string name) : Kernel<Elementwise>(name) where TFormula : struct, IComparison
{
    protected override void Compute(Elementwise op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var (a, b) = (x[0]!, x[1]!);
        switch (a.DType)
        {
            case DType.Float32: BroadcastLoops.Compare<float, TFormula>(a, b, y[0]); break;
            case DType.Double: BroadcastLoops.Compare<double, TFormula>(a, b, y[0]); break;
            case DType.Int64: BroadcastLoops.Compare<long, TFormula>(a, b, y[0]); break;
            case DType.Int32: BroadcastLoops.Compare<int, TFormula>(a, b, y[0]); break;
            case DType.Int16: BroadcastLoops.Compare<short, TFormula>(a, b, y[0]); break;
            case DType.Int8: BroadcastLoops.Compare<sbyte, TFormula>(a, b, y[0]); break;
            case DType.UInt8 or DType.Bool: BroadcastLoops.Compare<byte, TFormula>(a, b, y[0]); break;
            case DType.UInt16: BroadcastLoops.Compare<ushort, TFormula>(a, b, y[0]); break;
            case DType.UInt32: BroadcastLoops.Compare<uint, TFormula>(a, b, y[0]); break;
            case DType.UInt64: BroadcastLoops.Compare<ulong, TFormula>(a, b, y[0]); break;
            default: throw Unsupported(a, "numbers and bool");
        }
    }

    protected override void Compute(GpuDevice gpu, Elementwise op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (!GpuElements.TryCompare<TFormula>(gpu, x[0]!, x[1]!, y[0]))
            throw Unsupported(gpu, x[0]!, GpuElements.Types);
    }
}

/// <summary>Takes each element from one of two tensors, as a third says.</summary>
internal sealed class WhereKernel() : Kernel<Where>("Where")
{
    protected override void Compute(Where op, ReadOnlySpan<Tensor?> x, Tensor[] y) =>
        Choice.Run(x[0]!.BroadcastTo(y[0].Shape), x[1]!.BroadcastTo(y[0].Shape), x[2]!.BroadcastTo(y[0].Shape), y[0]);

    protected override void Compute(GpuDevice gpu, Where op, ReadOnlySpan<Tensor?> x, Tensor[] y) =>
        GpuElements.Choose(gpu, x[0]!.BroadcastTo(y[0].Shape), x[1]!.BroadcastTo(y[0].Shape), x[2]!.BroadcastTo(y[0].Shape), y[0]);

    protected override void Backward(Where op, GradientCall call)
    {
        var zero = call.Dy(0).ZerosLike();
        if (call.Wants(1))
            call.Give(1, Tensor.Where(call.X(0), call.Dy(0), zero).SumTo(call.X(1).Shape));
        if (call.Wants(2))
            call.Give(2, Tensor.Where(call.X(0), zero, call.Dy(0)).SumTo(call.X(2).Shape));
    }
}

internal readonly struct Same : IComparison
{
    public static bool F<T>(T a, T b) where T : unmanaged, INumber<T> => a == b;
}

internal readonly struct Above : IComparison
{
    public static bool F<T>(T a, T b) where T : unmanaged, INumber<T> => a > b;
}

internal readonly struct AboveOrSame : IComparison
{
    public static bool F<T>(T a, T b) where T : unmanaged, INumber<T> => a >= b;
}

internal readonly struct Below : IComparison
{
    public static bool F<T>(T a, T b) where T : unmanaged, INumber<T> => a < b;
}

internal readonly struct BelowOrSame : IComparison
{
    public static bool F<T>(T a, T b) where T : unmanaged, INumber<T> => a <= b;
}
