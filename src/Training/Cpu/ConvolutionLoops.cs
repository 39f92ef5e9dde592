using System.Numerics;
using Anneal.Onnx;
using Anneal.Training.Devices;

namespace Anneal.Training.Cpu;

/// <summary>
/// The three products of a convolution, image after image and group after group, so that one buffer of columns serves all: x [N,C,…], w [M,C/G,…],
/// y [N,M,…]. Inside a product the work is split by rows, never by images: the order of every sum depends on shapes alone.
/// </summary>
internal readonly unsafe ref struct ConvolutionLoops(WindowGeometry window, int images, int channels, int outputs, int groups)
{
    private readonly WindowGeometry _window = window;
    private readonly int _groupIn = channels / groups;
    private readonly int _groupOut = outputs / groups;

    private int Depth => _groupIn * _window.Taps;

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

    private void Forward<T>(Tensor x, Tensor w, Tensor y) where T : unmanaged, INumber<T>
    {
        var columns = Rent<T>(x);
        var (from, weights, to) = (Pointers.Of<T>(x), Pointers.Of<T>(w), Pointers.Of<T>(y));
        for (var part = 0; part < images * groups; part++)
        {
            var group = part % groups;
            Columns.Gather(_window, from.At((long)part * _groupIn * _window.Cells), columns.At(0), _groupIn);
            MatrixProduct.Run(new Matrix<T>(weights.At((long)group * _groupOut * Depth), Depth, 1), columns.At(0),
                to.At((long)part * _groupOut * _window.Positions), _groupOut, Depth, _window.Positions, 1, add: false);
        }
        columns.Memory!.Release();
        GC.KeepAlive((x, w, y));
    }

    private void Backward<T>(Tensor dy, Tensor w, Tensor dx) where T : unmanaged, INumber<T>
    {
        var columns = Rent<T>(dy);
        var (from, weights, to) = (Pointers.Of<T>(dy), Pointers.Of<T>(w), Pointers.Of<T>(dx));
        dx.Clear();
        for (var part = 0; part < images * groups; part++)
        {
            var group = part % groups;
            // Turned: rows of wᵀ are columns of w.
            MatrixProduct.Run(new Matrix<T>(weights.At((long)group * _groupOut * Depth), 1, Depth), from.At((long)part * _groupOut * _window.Positions),
                columns.At(0), Depth, _groupOut, _window.Positions, 1, add: false);
            Columns.Scatter(_window, columns.At(0), to.At((long)part * _groupIn * _window.Cells), _groupIn);
        }
        columns.Memory!.Release();
        GC.KeepAlive((dy, w, dx));
    }

    private void Weights<T>(Tensor x, Tensor dy, Tensor dw) where T : unmanaged, INumber<T>
    {
        var columns = Rent<T>(x);
        var (from, slopes, to) = (Pointers.Of<T>(x), Pointers.Of<T>(dy), Pointers.Of<T>(dw));
        dw.Clear();
        for (var part = 0; part < images * groups; part++)
        {
            var group = part % groups;
            Columns.Gather(_window, from.At((long)part * _groupIn * _window.Cells), columns.At(0), _groupIn);
            MatrixProduct.AddRowProducts(slopes.At((long)part * _groupOut * _window.Positions), columns.At(0), to.At((long)group * _groupOut * Depth),
                _groupOut, _window.Positions, Depth);
        }
        columns.Memory!.Release();
        GC.KeepAlive((x, dy, dw));
    }

    private Pointers<T> Rent<T>(Tensor beside) where T : unmanaged
    {
        var memory = (CpuMemory)beside.Compute.Pool.Rent(Math.Max(1, (long)Depth * _window.Positions * sizeof(T)));
        return new((T*)memory.Address, memory);
    }
}

/// <summary>Typed addresses, which tuples cannot hold.</summary>
internal readonly unsafe struct Pointers<T>(T* first, Memory? memory) where T : unmanaged
{
    /// <summary>The block, when it is to be given back.</summary>
    public Memory? Memory => memory;

    public T* At(long element) => first + element;
}

internal static unsafe class Pointers
{
    public static Pointers<T> Of<T>(Tensor tensor) where T : unmanaged => new((T*)tensor.Address, null);
}
