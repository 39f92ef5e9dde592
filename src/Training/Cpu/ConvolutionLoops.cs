using System.Numerics;
using Anneal.Onnx;
using Anneal.Training.Devices;

namespace Anneal.Training.Cpu;

/// <summary>
/// The three products of a convolution: x [N,C,…], w [M,C/G,…], y [N,M,…]. Each is a matrix product whose sides are gathered as they are packed.
/// Where every channel has filters of its own there is nothing to share, and <see cref="DepthwiseLoops{T}"/> does it.
/// </summary>
internal readonly unsafe ref struct ConvolutionLoops(WindowGeometry window, int images, int channels, int outputs, int groups)
{
    // A weight gradient of few weights has too few blocks for all threads; shares of the images make more.
    private const int EnoughBlocks = 16;
    private const int BlockOfWeights = 48 * 64;

    private readonly WindowGeometry _window = window;
    private readonly int _groupIn = channels / groups;
    private readonly int _groupOut = outputs / groups;

    /// <summary>y = w ∗ x, in float32 or double.</summary>
    public void Forward(Tensor x, Tensor w, Tensor y)
    {
        if (y.DType == DType.Float32)
            Forward<float>(x, w, y);
        else
            Forward<double>(x, w, y);
    }

    /// <summary>dx = wᵀ ∗ dy, in float32 or double.</summary>
    public void Backward(Tensor dy, Tensor w, Tensor dx)
    {
        if (dx.DType == DType.Float32)
            Backward<float>(dy, w, dx);
        else
            Backward<double>(dy, w, dx);
    }

    /// <summary>dw = dy ∗ x, summed over images in order, in float32 or double.</summary>
    public void Weights(Tensor x, Tensor dy, Tensor dw)
    {
        if (dw.DType == DType.Float32)
            Weights<float>(x, dy, dw);
        else
            Weights<double>(x, dy, dw);
    }

    private bool IsDepthwise => _groupIn == 1 && groups > 1;

    private void Forward<T>(Tensor x, Tensor w, Tensor y) where T : unmanaged, INumber<T>
    {
        if (y.Count == 0)
            return;
        if (IsDepthwise)
            new DepthwiseLoops<T>(_window, images, channels, _groupOut).Forward(x, w, y);
        else
            Product<T>(_window.Forward, x, w, y, _groupIn, _groupOut, new((long)_groupOut * _groupIn * _window.Taps, (long)_groupIn * _window.Taps, _window.Taps));
        GC.KeepAlive(x);
        GC.KeepAlive(w);
        GC.KeepAlive(y);
    }

    private void Backward<T>(Tensor dy, Tensor w, Tensor dx) where T : unmanaged, INumber<T>
    {
        if (dx.Count == 0)
            return;
        dx.Clear();
        if (IsDepthwise)
            new DepthwiseLoops<T>(_window, images, channels, _groupOut).Backward(dy, w, dx);
        else
            foreach (var grid in _window.Backward)
                Product<T>(grid, dy, w, dx, _groupOut, _groupIn, new((long)_groupOut * _groupIn * _window.Taps, _window.Taps, (long)_groupIn * _window.Taps));
        GC.KeepAlive(dy);
        GC.KeepAlive(w);
        GC.KeepAlive(dx);
    }

    private void Weights<T>(Tensor x, Tensor dy, Tensor dw) where T : unmanaged, INumber<T>
    {
        if (dw.Count == 0)
            return;
        if (IsDepthwise)
            new DepthwiseLoops<T>(_window, images, channels, _groupOut).Weights(x, dy, dw);
        else
            Slopes<T>(x, dy, dw);
        GC.KeepAlive(x);
        GC.KeepAlive(dy);
        GC.KeepAlive(dw);
    }

    /// <summary>One grid's part of a forward pass or of an input gradient.</summary>
    private void Product<T>(TapGrid grid, Tensor from, Tensor w, Tensor to, int groupFrom, int groupTo, FilterSteps steps) where T : unmanaged, INumber<T>
    {
        var extents = new ProductExtents(groups, groupTo, images * grid.Places, groupFrom * grid.Taps.Length, grid.Taps.Length);
        BlockedProduct.Run<T, Filters<T>, SeenCells<T>, Planes<T>>(
            new((T*)w.Address, grid.Taps, steps),
            new(grid, (T*)from.Address, groups * groupFrom, groupFrom),
            new(grid, (T*)to.Address, groups * groupTo, groupTo),
            extents);
    }

    private void Slopes<T>(Tensor x, Tensor dy, Tensor dw) where T : unmanaged, INumber<T>
    {
        var (grid, depth) = (_window.Forward, _groupIn * _window.Taps);
        var share = new ImageShare(groups, images, Shares(depth));
        var memory = share.Shares > 1 ? Rent<T>(dw, (long)share.Shares * dw.Count) : null;
        var sums = memory is null ? (T*)dw.Address : (T*)memory.Address;
        var matrices = new WeightMatrices<T>(sums, _groupOut, depth);
        BlockedProduct.Run<T, SlopeRows<T>, SeenRows<T>, WeightMatrices<T>>(
            new(grid, (T*)dy.Address, outputs, _groupOut, share),
            new(grid, (T*)x.Address, channels, _groupIn, share),
            matrices,
            new(groups * share.Shares, _groupOut, depth, share.ImagesEach * grid.Places));
        if (memory is null)
            return;
        WeightMatrices<T>.Join(sums, share.Shares, (T*)dw.Address, dw.Count);
        memory.Release();
    }

    /// <summary>The least share count that divides the images and makes blocks enough.</summary>
    private int Shares(int depth)
    {
        var blocks = groups * (1 + ((long)_groupOut * depth / BlockOfWeights));
        for (var shares = 1; shares < images; shares++)
            if (images % shares == 0 && shares * blocks >= EnoughBlocks)
                return shares;
        return Math.Max(1, images);
    }

    private static CpuMemory Rent<T>(Tensor beside, long count) where T : unmanaged => (CpuMemory)beside.Compute.Pool.Rent(Math.Max(1, count * sizeof(T)));
}
