using Anneal.Training.Cpu;

namespace Anneal.Training.Gpu;

/// <summary>Dropout on a GPU, in float32.</summary>
internal static class GpuDropout
{
    /// <summary>y = x · scale where an element stays and 0 elsewhere; stayed, where it is wanted, says which.</summary>
    public static void Run(GpuDevice gpu, Tensor x, Tensor y, Tensor? stayed, Draws draws, double p) =>
        gpu.ForEach((x.Count + DropoutLoops.WordsPerBlock - 1) / DropoutLoops.WordsPerBlock, new DropoutWork(draws, DropoutLoops.Threshold(p), DropoutLoops.Scale<float>(p),
            GpuDevice.View<float>(x), GpuDevice.View<float>(y), GpuDevice.Bytes(stayed ?? y), stayed is null ? 0 : 1, x.Count));
}
