using System.Numerics;
using Anneal.Onnx;
using Anneal.Training.Optim;

namespace Anneal.Training.Gpu;

/// <summary>Runs a rule of an optimiser or an average over a parameter that lives on a GPU, in float32.</summary>
internal static class GpuUpdate
{
    public static void Run<T, TRule>(GpuDevice gpu, TRule rule, MutableTensor w, Tensor dw, MutableTensor? a, MutableTensor? b, MutableTensor? c)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TRule : struct, IUpdateRule<T>
    {
        if (typeof(T) != typeof(float))
            throw new DeviceUnavailableException($"{w.Title} cannot be moved on {gpu.Name}, where optimisers and averages take float32. Convert the module with To(DType.Float32), or move it to the processor with To(Device.Cpu).");
        foreach (var changed in (ReadOnlySpan<MutableTensor?>)[w, a, b, c])
            changed?.CountChange();
        var states = (a is null ? 0 : 1) | (b is null ? 0 : 2) | (c is null ? 0 : 4);
        gpu.ForEach(w.Count, new UpdateWork<T, TRule>(rule, GpuDevice.View<T>(w), GpuDevice.View<T>(dw), GpuDevice.View<T>(a ?? w), GpuDevice.View<T>(b ?? w), GpuDevice.View<T>(c ?? w), states));
    }
}
