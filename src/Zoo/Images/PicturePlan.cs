namespace Anneal.Zoo.Images;

/// <summary>
/// The sizes of one picture's way to the model: what it is resized to, which window of that is kept, and where the window stands in the
/// output. Rounding is torchvision's (<c>Resize</c>, <c>CenterCrop</c>), and that of the scripts around OpenCV where its style is asked for.
/// </summary>
/// <param name="ResizedWidth">Columns of the whole picture after resizing.</param>
/// <param name="ResizedHeight">Rows of the whole picture after resizing.</param>
/// <param name="Left">First column kept.</param>
/// <param name="Top">First row kept.</param>
/// <param name="Width">Columns kept.</param>
/// <param name="Height">Rows kept.</param>
/// <param name="PadLeft">Black columns on the left of what is kept, where the crop is wider than the picture.</param>
/// <param name="PadTop">Black rows above what is kept, where the crop is higher than the picture.</param>
/// <param name="OutputWidth">Columns of the result.</param>
/// <param name="OutputHeight">Rows of the result.</param>
internal readonly record struct PicturePlan(
    int ResizedWidth, int ResizedHeight, int Left, int Top, int Width, int Height, int PadLeft, int PadTop, int OutputWidth, int OutputHeight)
{
    /// <summary>The plan for a picture of <paramref name="width"/> x <paramref name="height"/>.</summary>
    /// <exception cref="InvalidImageException">The picture is so long and thin that its resized size is no number of 32 bits.</exception>
    internal static PicturePlan For(int width, int height, Resize? resize, Crop? crop)
    {
        var (resizedWidth, resizedHeight) = Resized(width, height, resize);
        var truncates = resize?.Style == ResizeStyle.OpenCv;
        var (left, keptWidth, padLeft) = Cut(resizedWidth, crop?.Width ?? resizedWidth, truncates);
        var (top, keptHeight, padTop) = Cut(resizedHeight, crop?.Height ?? resizedHeight, truncates);
        return new(resizedWidth, resizedHeight, left, top, keptWidth, keptHeight, padLeft, padTop,
            crop?.Width ?? resizedWidth, crop?.Height ?? resizedHeight);
    }

    private static (int Width, int Height) Resized(int width, int height, Resize? resize)
    {
        if (resize is null)
            return (width, height);
        if (resize.Mode == ResizeMode.Stretch)
            return (resize.Width, resize.Height);
        var (shorter, longer) = (Math.Min(width, height), Math.Max(width, height));
        // int(size * long / short): a true division, then cut off.
        var scaled = (double)((long)resize.Height * longer) / shorter;
        if (scaled > int.MaxValue)
            throw new InvalidImageException($"A picture of {width} x {height} is too long and thin to make its shorter side {resize.Height} pixels.");
        return width <= height ? (resize.Height, (int)scaled) : ((int)scaled, resize.Height);
    }

    private static (int First, int Kept, int Pad) Cut(int size, int wanted, bool truncates)
    {
        if (wanted > size)
            return (0, size, (wanted - size) / 2);
        // int(round((size - wanted) / 2.0)): Python rounds halves to the even number.
        var first = truncates ? (size - wanted) / 2 : (int)Math.Round((size - wanted) / 2.0, MidpointRounding.ToEven);
        return (first, wanted, 0);
    }
}
