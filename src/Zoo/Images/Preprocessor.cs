using Anneal.Onnx;
using Anneal.Zoo.Images;

namespace Anneal.Zoo;

/// <summary>
/// Makes a model's input from a picture, by the steps a card states, straight into the caller's slot of a batch. Bit for bit what
/// Pillow and torchvision (or OpenCV, where the card says so) compute. Safe to use from many threads at once.
/// </summary>
public sealed unsafe class Preprocessor
{
    private readonly Preprocessing _steps;
    private readonly ImageLimits _limits;
    private readonly Normalizer _normalizer;
    private readonly SimdWidth _width;

    /// <summary>A preprocessor for steps that fix the size themselves: by a crop, or by stretching without a crop.</summary>
    /// <param name="steps">The card's steps.</param>
    /// <param name="limits">How large a file may be, or null for <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="AnnealException">The steps contradict themselves or fix no size.</exception>
    public Preprocessor(Preprocessing steps, ImageLimits? limits = null)
        : this(steps, steps.FixedHeight(), steps.FixedWidth(), limits) { }

    /// <summary>A preprocessor for a model whose input has a size.</summary>
    /// <param name="steps">The card's steps.</param>
    /// <param name="height">Rows of the model's input.</param>
    /// <param name="width">Columns of the model's input.</param>
    /// <param name="limits">How large a file may be, or null for <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="AnnealException">The steps contradict themselves or give another size.</exception>
    public Preprocessor(Preprocessing steps, int height, int width, ImageLimits? limits = null)
        : this(steps, height, width, limits, Simd.Widest) { }

    internal Preprocessor(Preprocessing steps, int height, int width, ImageLimits? limits, SimdWidth simd)
    {
        steps.Validate(height, width);
        (_steps, Height, Width, _limits, _width) = (steps, height, width, limits ?? ImageLimits.Default, simd);
        _normalizer = new(steps);
    }

    /// <summary>Channels of the input: 3, or 1 for grey.</summary>
    public int Channels => _normalizer.Channels;

    /// <summary>Rows of the input.</summary>
    public int Height { get; }

    /// <summary>Columns of the input.</summary>
    public int Width { get; }

    /// <summary>Numbers in one picture's slot: <see cref="Channels"/> x <see cref="Height"/> x <see cref="Width"/>.</summary>
    public int SlotLength => checked(Channels * Height * Width);

    /// <summary>Reads an image file into a slot.</summary>
    /// <param name="path">The file.</param>
    /// <param name="slot"><see cref="SlotLength"/> numbers, [C,H,W] or [H,W,C] as the steps say.</param>
    /// <returns>What a user should know, in full sentences; usually nothing.</returns>
    /// <exception cref="InvalidImageException">The file gives no picture; the slot's content is then without meaning.</exception>
    public IReadOnlyList<string> Read(string path, Span<float> slot)
    {
        using var file = ImageFile.Open(path, _limits);
        return Read(file, slot);
    }

    /// <summary>Reads an opened image into a slot.</summary>
    /// <inheritdoc cref="Read(string, Span{float})"/>
    public IReadOnlyList<string> Read(ImageFile file, Span<float> slot)
    {
        ArgumentNullException.ThrowIfNull(file);
        RequireLength(slot);
        var turns = _steps.Orientation == OrientationPolicy.Apply && file.Orientation != 1;
        if (turns)
            file.RequireMemory(copies: 2);
        if (file.FitsMemory())
        {
            using var picture = file.Decode();
            Run(picture, slot);
        }
        else
        {
            using var rows = file.Scan();
            Run(rows, file.Name, slot);
        }
        return Warnings(file);
    }

    /// <summary>Makes the input from a picture.</summary>
    /// <param name="picture">The pixels.</param>
    /// <param name="slot"><see cref="SlotLength"/> numbers, [C,H,W] or [H,W,C] as the steps say.</param>
    /// <exception cref="InvalidImageException">The picture's size does not lead to the model's.</exception>
    public void Run(Picture picture, Span<float> slot)
    {
        ArgumentNullException.ThrowIfNull(picture);
        RequireLength(slot);
        var turns = _steps.Orientation == OrientationPolicy.Apply && picture.Orientation != 1;
        using var upright = turns ? Turning.Upright(picture) : null;
        using var rows = (upright ?? picture).Rows();
        Run(rows, "The picture", slot);
    }

    private void Run(PixelRows rows, string name, Span<float> slot)
    {
        using var gray = _steps.Color == ColorOrder.Gray && rows.PixelBytes != 1 ? new GrayRows(rows) : null;
        var source = gray ?? rows;
        var plan = PicturePlan.For(source.Width, source.Height, _steps.Resize, _steps.Crop);
        if (plan.OutputWidth != Width || plan.OutputHeight != Height)
            throw new InvalidImageException(
                $"{name} is {rows.Width} x {rows.Height} and becomes {plan.OutputWidth} x {plan.OutputHeight}; the model takes {Width} x {Height}. Resize or crop it in the card's preprocessing.");
        fixed (float* target = slot)
        {
            if (plan.Width < Width || plan.Height < Height)
                FillBlack(slot);
            var sink = new SlotSink(this, target, plan, source.PixelBytes);
            if (_steps.Resize?.Style == ResizeStyle.OpenCv)
                OpenCvResampler.Run(source, plan, ref sink);
            else
                PillowResampler.Run(source, plan, _steps.Resize?.Filter ?? ResizeFilter.Box, _width, ref sink);
        }
    }

    private void RequireLength(Span<float> slot)
    {
        if (slot.Length != SlotLength)
            throw new ShapeMismatchException($"The slot holds {slot.Length} numbers; {Channels} x {Height} x {Width} = {SlotLength} are written.");
    }

    // Where a crop is larger than the picture, torchvision pads with zeros before it normalises.
    private void FillBlack(Span<float> slot)
    {
        for (var i = 0; i < slot.Length; i++)
            slot[i] = _normalizer.Value(_steps.Layout == TensorLayout.Nchw ? i / (Height * Width) : i % Channels, 0);
    }

    private IReadOnlyList<string> Warnings(ImageFile file)
    {
        var ignored = _steps.Orientation == OrientationPolicy.Ignore && file.Orientation != 1
            ? $"{file.Name}: stored rotated (EXIF orientation {file.Orientation}); the card ignores it."
            : null;
        return file.Warning is null && ignored is null ? [] : [.. new[] { file.Warning, ignored }.OfType<string>()];
    }

    private readonly struct SlotSink(Preprocessor owner, float* target, PicturePlan plan, int pixelBytes) : IRowSink
    {
        public void Put(int y, byte* pixels)
        {
            var at = (long)(y + plan.PadTop) * owner.Width + plan.PadLeft;
            if (owner._steps.Layout == TensorLayout.Nchw)
                owner._normalizer.Planar(pixels, pixelBytes, plan.Width, target + at, (long)owner.Height * owner.Width, owner._width);
            else
                owner._normalizer.Interleaved(pixels, pixelBytes, plan.Width, target + at * owner.Channels);
        }
    }
}
