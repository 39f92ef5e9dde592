using System.Numerics;
using System.Runtime.InteropServices;
using Anneal.Onnx;
using Anneal.Training.Cpu;
using Anneal.Training.Ops;

namespace Anneal.Training.Gpu;

/// <summary>Loops over elements on a GPU, in the element types that it takes: float32, double, int64, int32, uint8 and bool.</summary>
internal static class GpuElements
{
    public const string Types = "float32, double, int64, int32, uint8 and bool";

    /// <summary>y = F(a, b), where a and b broadcast; false when the GPU does not take their type.</summary>
    public static bool TryZip<TFormula>(GpuDevice gpu, Tensor a, Tensor b, Tensor y) where TFormula : struct, IBinary
    {
        switch (a.DType)
        {
            case DType.Float32: Zip<float, TFormula>(gpu, a, b, y); return true;
            case DType.Double: Zip<double, TFormula>(gpu, a, b, y); return true;
            case DType.Int64: Zip<long, TFormula>(gpu, a, b, y); return true;
            case DType.Int32: Zip<int, TFormula>(gpu, a, b, y); return true;
            case DType.UInt8 or DType.Bool: Zip<byte, TFormula>(gpu, a, b, y); return true;
            default: return false;
        }
    }

    /// <summary>As <see cref="TryZip"/>, where the answer is yes or no.</summary>
    public static bool TryCompare<TFormula>(GpuDevice gpu, Tensor a, Tensor b, Tensor y) where TFormula : struct, IComparison
    {
        switch (a.DType)
        {
            case DType.Float32: Compare<float, TFormula>(gpu, a, b, y); return true;
            case DType.Double: Compare<double, TFormula>(gpu, a, b, y); return true;
            case DType.Int64: Compare<long, TFormula>(gpu, a, b, y); return true;
            case DType.Int32: Compare<int, TFormula>(gpu, a, b, y); return true;
            case DType.UInt8 or DType.Bool: Compare<byte, TFormula>(gpu, a, b, y); return true;
            default: return false;
        }
    }

    /// <summary>y = a where the condition holds, b elsewhere, all of one shape.</summary>
    public static void Choose(GpuDevice gpu, Tensor condition, Tensor a, Tensor b, Tensor y)
    {
        switch (y.DType.Bits())
        {
            case 8: Choose<byte>(gpu, condition, a, b, y); break;
            case 16: Choose<ushort>(gpu, condition, a, b, y); break;
            case 32: Choose<uint>(gpu, condition, a, b, y); break;
            default: Choose<ulong>(gpu, condition, a, b, y); break;
        }
    }

    /// <summary>Copies a block of elements from one stepping to another.</summary>
    public static void Copy(GpuDevice gpu, Tensor x, Strides from, Tensor y, Strides to, ReadOnlySpan<int> extents)
    {
        var plan = CopyPlan.Of(extents, from.Steps, to.Steps);
        switch (x.DType.Bits())
        {
            case 8: Copy<byte>(gpu, x, from.Offset, y, to.Offset, plan); break;
            case 16: Copy<ushort>(gpu, x, from.Offset, y, to.Offset, plan); break;
            case 32: Copy<uint>(gpu, x, from.Offset, y, to.Offset, plan); break;
            default: Copy<ulong>(gpu, x, from.Offset, y, to.Offset, plan); break;
        }
    }

    /// <summary>Elements in another type; false when the GPU does not take one of the types.</summary>
    public static bool TryConvert(GpuDevice gpu, Tensor x, Tensor y)
    {
        if (y.DType is not (DType.Float32 or DType.Double or DType.Int64 or DType.Int32 or DType.UInt8 or DType.Bool))
            return false;
        switch (x.DType)
        {
            case DType.Float32: From<float>(gpu, x, y); return true;
            case DType.Double: From<double>(gpu, x, y); return true;
            case DType.Int64: From<long>(gpu, x, y); return true;
            case DType.Int32: From<int>(gpu, x, y); return true;
            case DType.UInt8 or DType.Bool: From<byte>(gpu, x, y); return true;
            default: return false;
        }
    }

    private static void Zip<T, TFormula>(GpuDevice gpu, Tensor a, Tensor b, Tensor y)
        where T : unmanaged, INumber<T>
        where TFormula : struct, IBinary =>
        Layouts.Run(CollectionsMarshal.AsSpan(BroadcastPlan.Of(y.Shape, a.Shape, b.Shape).Axes), new ZipLoop<T, TFormula>(gpu, a, b, y));

    private static void Compare<T, TFormula>(GpuDevice gpu, Tensor a, Tensor b, Tensor y)
        where T : unmanaged, INumber<T>
        where TFormula : struct, IComparison =>
        Layouts.Run(CollectionsMarshal.AsSpan(BroadcastPlan.Of(y.Shape, a.Shape, b.Shape).Axes), new CompareLoop<T, TFormula>(gpu, a, b, y));

    private static void Choose<T>(GpuDevice gpu, Tensor condition, Tensor a, Tensor b, Tensor y) where T : unmanaged =>
        gpu.ForEach(y.Count, new ChooseWork<T>(GpuDevice.Bytes(condition), GpuDevice.View<T>(a), GpuDevice.View<T>(b), GpuDevice.View<T>(y)));

    private static void Copy<T>(GpuDevice gpu, Tensor x, int from, Tensor y, int to, CopyPlan plan) where T : unmanaged =>
        Layouts.Run(CollectionsMarshal.AsSpan(plan.Axes), new CopyLoop<T>(gpu, x, from, y, to, plan.Count));

    private static void From<T>(GpuDevice gpu, Tensor x, Tensor y) where T : unmanaged, INumber<T>
    {
        switch (y.DType)
        {
            case DType.Float32: Convert<T, float>(gpu, x, y); break;
            case DType.Double: Convert<T, double>(gpu, x, y); break;
            case DType.Int64: Convert<T, long>(gpu, x, y); break;
            case DType.Int32: Convert<T, int>(gpu, x, y); break;
            case DType.UInt8: Convert<T, byte>(gpu, x, y); break;
            default: gpu.ForEach(x.Count, new TruthWork<T>(GpuDevice.View<T>(x), GpuDevice.Bytes(y))); break;
        }
    }

    private static void Convert<TFrom, TTo>(GpuDevice gpu, Tensor x, Tensor y)
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        if (typeof(TFrom) == typeof(TTo))
            gpu.Copy(x.Memory, y.Memory, x.DType.ByteLength(x.Count));
        else
            gpu.ForEach(x.Count, new ConvertWork<TFrom, TTo>(GpuDevice.View<TFrom>(x), GpuDevice.View<TTo>(y)));
    }

    private readonly struct ZipLoop<T, TFormula>(GpuDevice gpu, Tensor a, Tensor b, Tensor y) : ILaidOut
        where T : unmanaged, INumber<T>
        where TFormula : struct, IBinary
    {
        public void Run<TLayout>(TLayout layout) where TLayout : struct, ILayout => gpu.ForEach(y.Count,
            new ZipWork<T, TFormula, TLayout>(layout, GpuDevice.View<T>(a), GpuDevice.View<T>(b), GpuDevice.View<T>(y)));
    }

    private readonly struct CompareLoop<T, TFormula>(GpuDevice gpu, Tensor a, Tensor b, Tensor y) : ILaidOut
        where T : unmanaged, INumber<T>
        where TFormula : struct, IComparison
    {
        public void Run<TLayout>(TLayout layout) where TLayout : struct, ILayout => gpu.ForEach(y.Count,
            new CompareWork<T, TFormula, TLayout>(layout, GpuDevice.View<T>(a), GpuDevice.View<T>(b), GpuDevice.Bytes(y)));
    }

    private readonly struct CopyLoop<T>(GpuDevice gpu, Tensor x, int from, Tensor y, int to, int count) : ILaidOut where T : unmanaged
    {
        public void Run<TLayout>(TLayout layout) where TLayout : struct, ILayout => gpu.ForEach(count,
            new CopyWork<T, TLayout>(layout, GpuDevice.View<T>(x), from, GpuDevice.View<T>(y), to));
    }
}
