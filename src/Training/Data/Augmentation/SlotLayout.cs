using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Training.Data;

/// <summary>Where the pixels of one picture stand in its numbers.</summary>
public sealed class SlotLayout
{
    private readonly bool _isPlanar;

    /// <summary>The layout of a picture's numbers.</summary>
    /// <param name="shape">[C,H,W] or [H,W,C], or the same with a batch before it.</param>
    /// <param name="layout">Which of the two.</param>
    /// <exception cref="ShapeMismatchException">The shape has another number of axes.</exception>
    public SlotLayout(TensorShape shape, TensorLayout layout)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Rank is not (3 or 4))
            throw new ShapeMismatchException($"Pictures have the shape [C,H,W] or [H,W,C], with or without a batch before it; {shape} has {shape.Rank} axes.");
        _isPlanar = layout == TensorLayout.Nchw;
        (Channels, Height, Width) = _isPlanar ? (shape[^3], shape[^2], shape[^1]) : (shape[^1], shape[^3], shape[^2]);
    }

    /// <summary>Channels.</summary>
    public int Channels { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Where the number of a channel at a row and a column stands.</summary>
    public int At(int channel, int y, int x) => _isPlanar ? (((channel * Height) + y) * Width) + x : (((y * Width) + x) * Channels) + channel;

    /// <summary>The stretches of numbers that a rectangle covers, all of its channels.</summary>
    internal IEnumerable<Range> Runs(PixelWindow window)
    {
        for (var y = window.Top; y < window.Top + window.Height; y++)
            for (var channel = 0; channel < (_isPlanar ? Channels : 1); channel++)
            {
                var first = At(channel, y, window.Left);
                yield return first..(first + (window.Width * (_isPlanar ? 1 : Channels)));
            }
    }
}
