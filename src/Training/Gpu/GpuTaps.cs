using System.Numerics;
using System.Runtime.CompilerServices;
using Anneal.Training.Cpu;

namespace Anneal.Training.Gpu;

/// <summary>The product of a <see cref="TapMatrix"/> with a tensor along one axis on a GPU.</summary>
internal static class GpuTaps
{
    // A matrix goes to a device once, and its copies go with it.
    private static readonly ConditionalWeakTable<TapMatrix, Dictionary<(GpuDevice Device, Type Weights), Copies>> Known = [];

    /// <summary>y [outer, rows, inner] from x [outer, columns, inner].</summary>
    public static void Run<T>(GpuDevice gpu, TapMatrix matrix, Tensor x, int axis, Tensor y) where T : unmanaged, INumber<T>
    {
        var copies = Find<T>(gpu, matrix);
        gpu.ForEach(y.Count, new TapProductWork<T>(GpuDevice.View<int>(copies.Starts), GpuDevice.View<int>(copies.Taps), GpuDevice.View<T>(copies.Weights),
            GpuDevice.View<T>(x), GpuDevice.View<T>(y), matrix.Rows, matrix.Columns, x.Shape.Product(axis + 1, x.Rank)));
    }

    private static Copies Find<T>(GpuDevice gpu, TapMatrix matrix) where T : unmanaged, INumber<T>
    {
        var devices = Known.GetValue(matrix, static _ => []);
        lock (devices)
        {
            if (!devices.TryGetValue((gpu, typeof(T)), out var copies))
                devices[(gpu, typeof(T))] = copies = new(Lasting(gpu, matrix.Starts), Lasting(gpu, matrix.Taps), Lasting(gpu, Rounded<T>(matrix.Weights)));
            return copies;
        }
    }

    private static T[] Rounded<T>(ReadOnlySpan<double> weights) where T : unmanaged, INumber<T>
    {
        var rounded = new T[weights.Length];
        for (var i = 0; i < rounded.Length; i++)
            rounded[i] = T.CreateTruncating(weights[i]);
        return rounded;
    }

    /// <summary>A tensor that no scope takes away.</summary>
    private static Tensor Lasting<T>(GpuDevice gpu, ReadOnlySpan<T> elements) where T : unmanaged
    {
        var tensor = Tensor.From(elements, [elements.Length], gpu.Name).Keep();
        tensor.MoveTo(null);
        return tensor;
    }

    private sealed record Copies(Tensor Starts, Tensor Taps, Tensor Weights);
}
