using Anneal.Onnx;
using Anneal.Training.Cpu;

namespace Anneal.Training.Gpu;

/// <summary>The norm of gradients on a GPU, chunk by chunk; the host joins the chunks, and waits once for all of them.</summary>
internal static class GpuNorm
{
    public static IEnumerable<double> Partial(GpuDevice gpu, Tensor[] gradients, double order)
    {
        using var scope = TensorScope.Begin();
        var partial = Tensor.Empty(gpu, DType.Float32, [gradients.Sum(dw => ElementLoops.Chunks(dw.Count))]);
        var first = 0;
        foreach (var dw in gradients)
        {
            if (dw.DType != DType.Float32)
                throw new DeviceUnavailableException($"The gradient of {dw.DType} {dw.Shape} on {gpu.Name} cannot be clipped: norms take float32 there. Convert the module with To(DType.Float32), or move it to the processor with To(Device.Cpu).");
            var chunks = ElementLoops.Chunks(dw.Count);
            if (chunks > 0)
                gpu.Run(new(chunks, NormWork.Threads), new NormWork(new(order), GpuDevice.View<float>(dw), GpuDevice.View<float>(partial), first, dw.Count));
            first += chunks;
        }
        return Array.ConvertAll(partial.ToArray<float>(), part => (double)part);
    }
}
