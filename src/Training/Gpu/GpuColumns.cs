using System.Numerics;
using Anneal.Onnx;
using Anneal.Training.Cpu;

namespace Anneal.Training.Gpu;

/// <summary>The cells under a sliding window as a matrix, and such a matrix summed up again, on a GPU (<see cref="Columns"/>).</summary>
internal static class GpuColumns
{
    /// <summary>columns [planes, taps, positions] from x [planes, cells], in float32 or double.</summary>
    public static void Gather(GpuDevice gpu, WindowGeometry window, Tensor x, Tensor columns)
    {
        if (x.DType == DType.Float32)
            Gather<float>(gpu, window, x, columns);
        else
            Gather<double>(gpu, window, x, columns);
    }

    /// <summary>x [planes, cells] from columns [planes, taps, positions], in float32 or double.</summary>
    public static void Scatter(GpuDevice gpu, WindowGeometry window, Tensor columns, Tensor x)
    {
        if (x.DType == DType.Float32)
            Scatter<float>(gpu, window, columns, x);
        else
            Scatter<double>(gpu, window, columns, x);
    }

    private static void Gather<T>(GpuDevice gpu, WindowGeometry window, Tensor x, Tensor columns) where T : unmanaged, INumber<T> =>
        gpu.ForEach(columns.Count, new UnfoldWork<T>(DeviceWindow.Of(window), GpuDevice.View<T>(x), GpuDevice.View<T>(columns)));

    private static void Scatter<T>(GpuDevice gpu, WindowGeometry window, Tensor columns, Tensor x) where T : unmanaged, INumber<T> =>
        gpu.ForEach(x.Count, new FoldWork<T>(DeviceWindow.Of(window), GpuDevice.View<T>(columns), GpuDevice.View<T>(x)));
}
