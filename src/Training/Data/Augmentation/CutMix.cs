using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Training.Data;

/// <summary>
/// A rectangle of each picture is replaced by that of the picture before it (Yun et al., "CutMix: Regularization Strategy to Train Strong
/// Classifiers with Localizable Features", 2019). It is drawn once for a batch: an area of 1 - λ, with λ of the beta distribution, around any
/// pixel, cut off at the borders; the classes get the shares of the pixels that are really theirs.
/// </summary>
/// <param name="classCount">How many classes there are.</param>
/// <param name="alpha">Both parameters of the distribution, over 0: with 1 every area is as likely.</param>
/// <param name="layout">Where the channels stand in the inputs.</param>
public sealed class CutMix(int classCount, double alpha = 1, TensorLayout layout = TensorLayout.Nchw) : BatchMix(classCount)
{
    private readonly Beta _shares = new(alpha);

    /// <summary>Draws the rectangle.</summary>
    /// <param name="draws">The random numbers of the batch.</param>
    /// <param name="height">Rows of the pictures.</param>
    /// <param name="width">Columns of the pictures.</param>
    public PixelWindow Draw(Draws draws, int height, int width)
    {
        var mine = draws.For(nameof(CutMix));
        return Window(_shares.Draw(mine.For("share")), mine.Below(width, 0), mine.Below(height, 1), height, width);
    }

    /// <inheritdoc/>
    public override string ToString() => $"CutMix (alpha {_shares.Alpha})";

    /// <summary>The rectangle of an area 1 - <paramref name="share"/> around a pixel, cut off at the borders.</summary>
    internal static PixelWindow Window(double share, int x, int y, int height, int width)
    {
        var half = 0.5 * Math.Sqrt(1 - share);
        var (halfWidth, halfHeight) = ((int)(half * width), (int)(half * height));
        var (left, top) = (Math.Max(x - halfWidth, 0), Math.Max(y - halfHeight, 0));
        return new(top, left, Math.Min(y + halfHeight, height) - top, Math.Min(x + halfWidth, width) - left);
    }

    /// <summary>The share that a picture keeps when a rectangle of it is replaced.</summary>
    internal static double Share(PixelWindow window, int height, int width) =>
        1 - ((double)window.Height * window.Width / ((double)height * width));

    /// <summary>Replaces a rectangle that was drawn.</summary>
    internal static void Apply(Tensor inputs, PixelWindow window, TensorLayout layout)
    {
        var numbers = inputs.Writable<float>();
        var (length, count) = (inputs.Count / inputs.Shape[0], inputs.Shape[0]);
        var last = numbers[^length..].ToArray();
        var slots = new SlotLayout(inputs.Shape, layout);
        for (var row = count - 1; row >= 0; row--)
        {
            var before = row == 0 ? last : numbers.Slice((row - 1) * length, length);
            foreach (var run in slots.Runs(window))
                before[run].CopyTo(numbers.Slice(row * length, length)[run]);
        }
    }

    internal override void RequireShape(TensorShape input)
    {
        if (input.Rank != 3)
            throw new ShapeMismatchException($"{nameof(CutMix)} needs pictures, [C,H,W] or [H,W,C]; the inputs have the shape {input}.");
    }

    internal override void Run(Tensor inputs, ReadOnlySpan<long> labels, Tensor softLabels, Draws draws)
    {
        var slots = new SlotLayout(inputs.Shape, layout);
        var window = Draw(draws, slots.Height, slots.Width);
        Apply(inputs, window, layout);
        MixLabels(labels, softLabels, Share(window, slots.Height, slots.Width));
    }
}
