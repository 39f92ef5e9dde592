using Anneal.Training.Cpu;

namespace Anneal.Training.Gpu;

/// <summary>
/// The three products of a convolution in float32: x [N,C,…], w [M,C/G,…], y [N,M,…]. Each is a product of matrices that are never written down;
/// where groups are too narrow for tiles, each element is summed by itself.
/// </summary>
internal readonly struct GpuConvolution(GpuDevice gpu, WindowGeometry window, int images, int channels, int outputs, int groups)
{
    // Below a quarter of a tile, a product of tiles computes mostly zeros.
    private const int Narrow = 16;

    private readonly DeviceConvolution _convolution = new(DeviceWindow.Of(window), channels / groups, outputs / groups, groups);

    /// <summary>y = w ∗ x.</summary>
    public void Forward(Tensor x, Tensor w, Tensor y)
    {
        var (from, weights, to) = (GpuDevice.View<float>(x), GpuDevice.View<float>(w), GpuDevice.View<float>(y));
        if (_convolution.OutOfGroup < Narrow)
            gpu.ForEach(y.Count, new NarrowForward(_convolution, from, weights, to));
        else if (y.Count > 0)
            Run(new(groups, _convolution.OutOfGroup, images * window.Positions, _convolution.InOfGroup * window.Taps, maySplit: false),
                new Weights(_convolution, weights), new Patches(_convolution, from), new OutputPlanes(_convolution, to));
    }

    /// <summary>dx = wᵀ ∗ dy.</summary>
    public void Backward(Tensor dy, Tensor w, Tensor dx)
    {
        var (from, weights, to) = (GpuDevice.View<float>(dy), GpuDevice.View<float>(w), GpuDevice.View<float>(dx));
        if (_convolution.InOfGroup < Narrow)
            gpu.ForEach(dx.Count, new NarrowBackward(_convolution, from, weights, to));
        else if (dx.Count > 0)
            Run(new(groups, _convolution.InOfGroup, images * window.Cells, _convolution.OutOfGroup * window.Taps, maySplit: false),
                new TurnedWeights(_convolution, weights), new ReachingSlopes(_convolution, from), new InputPlanes(_convolution, to));
    }

    /// <summary>dw = dy ∗ x.</summary>
    public void Weights(Tensor x, Tensor dy, Tensor dw)
    {
        var (from, slopes) = (GpuDevice.View<float>(x), GpuDevice.View<float>(dy));
        if (_convolution.OutOfGroup < Narrow && dw.Count > 0)
            gpu.Run(new(dw.Count, NarrowWeights.Threads), new NarrowWeights(_convolution, from, slopes, GpuDevice.View<float>(dw), images));
        else
            GpuProducts.Run<float, OutputSlopes, TurnedPatches>(gpu,
                new(groups, _convolution.OutOfGroup, _convolution.InOfGroup * window.Taps, images * window.Positions, maySplit: true),
                new(_convolution, slopes), new(_convolution, from), dw);
    }

    private void Run<TLeft, TRight, TResult>(ProductShape shape, TLeft left, TRight right, TResult result)
        where TLeft : struct, IFactor<float>
        where TRight : struct, IFactor<float>
        where TResult : struct, IProduct<float> =>
        gpu.Run(TiledProduct<float, TLeft, TRight, TResult>.Grid(shape), new TiledProduct<float, TLeft, TRight, TResult>(shape, left, right, result));
}
