using Anneal.Onnx.Ops;

namespace Anneal.Training.Nn;

/// <summary>
/// Poolings to a given size: cell i of o looks at the cells of x from ⌊i·H/o⌋ to before ⌈(i + 1)·H/o⌉, windows that may differ in extent by one and
/// overlap by one.
/// </summary>
public abstract class AdaptivePooling : Module
{
    private protected AdaptivePooling(Pair outputSize)
    {
        _ = Expect.AtLeast(1, outputSize, nameof(outputSize));
        OutputSize = outputSize;
    }

    /// <summary>oH and oW.</summary>
    public Pair OutputSize { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x)
    {
        Expect.Layout(this, x, "[N,C,H,W]");
        var (h, w) = (x.Shape[2], x.Shape[3]);
        return h % OutputSize.H == 0 && w % OutputSize.W == 0
            ? Even(x, Windows.Of([h / OutputSize.H, w / OutputSize.W], [h / OutputSize.H, w / OutputSize.W], [0, 0], [1, 1]))
            : Uneven(x);
    }

    /// <summary>Windows of one extent, side by side.</summary>
    private protected abstract Tensor Even(Tensor x, Window window);

    /// <summary>Any windows.</summary>
    private protected abstract Tensor Uneven(Tensor x);

    /// <summary>Where the windows along an axis start and end.</summary>
    private protected static (int Start, int End)[] Bins(int extent, int count) =>
        [.. Enumerable.Range(0, count).Select(i => ((int)((long)i * extent / count), (int)((((i + 1L) * extent) + count - 1) / count)))];
}

/// <summary>The mean of each window of a grid: x [N,C,H,W] to y [N,C,oH,oW].</summary>
public sealed class AdaptiveAvgPool2d : AdaptivePooling
{
    /// <summary>A pooling to a size.</summary>
    /// <param name="outputSize">oH and oW.</param>
    public AdaptiveAvgPool2d(Pair outputSize) : base(outputSize) { }

    private protected override Tensor Even(Tensor x, Window window) =>
        OutputSize == 1 ? Tensor.Apply(new GlobalAveragePool(), x) : Tensor.Apply(new AveragePool { Window = window }, x);

    /// <summary>A mean over rows and columns is a product with a matrix from each side.</summary>
    private protected override Tensor Uneven(Tensor x) =>
        Shares(x, 2, OutputSize.H).MatMul(x).MatMul(Shares(x, 3, OutputSize.W).Transpose(1, 0));

    /// <summary>[o,extent]: the share of each cell along an axis in each window's mean.</summary>
    private static Tensor Shares(Tensor x, int axis, int count)
    {
        var shares = new double[count * x.Shape[axis]];
        foreach (var (i, (start, end)) in Bins(x.Shape[axis], count).Index())
            shares.AsSpan((i * x.Shape[axis]) + start, end - start).Fill(1.0 / (end - start));
        return Tensor.From(shares, [count, x.Shape[axis]], x.Device).To(x.DType);
    }
}

/// <summary>The greatest element of each window of a grid: x [N,C,H,W] to y [N,C,oH,oW].</summary>
public sealed class AdaptiveMaxPool2d : AdaptivePooling
{
    /// <summary>A pooling to a size.</summary>
    /// <param name="outputSize">oH and oW.</param>
    public AdaptiveMaxPool2d(Pair outputSize) : base(outputSize) { }

    private protected override Tensor Even(Tensor x, Window window) => Tensor.Apply(new MaxPool { Window = window }, x);

    /// <summary>Windows side by side, the shorter ones filled up with their last cell again, which changes no maximum.</summary>
    private protected override Tensor Uneven(Tensor x)
    {
        var (rows, columns) = (Bins(x.Shape[2], OutputSize.H), Bins(x.Shape[3], OutputSize.W));
        var window = new[] { Longest(rows), Longest(columns) };
        var apart = x.Gather(2, Cells(rows, window[0])).Gather(3, Cells(columns, window[1]));
        return Even(apart, Windows.Of(window, window, [0, 0], [1, 1]));
    }

    private static int Longest((int Start, int End)[] bins) => bins.Max(bin => bin.End - bin.Start);

    private static long[] Cells((int Start, int End)[] bins, int length) =>
        [.. bins.SelectMany(bin => Enumerable.Range(0, length).Select(i => (long)Math.Min(bin.Start + i, bin.End - 1)))];
}
