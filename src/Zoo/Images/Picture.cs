namespace Anneal.Zoo.Images;

/// <summary>
/// Decoded pixels, 8 bits a channel: grey, or red, green, blue. The memory is pooled: dispose a picture when done with it. Reading it
/// from several threads at once is safe, disposing it while another thread reads is not.
/// </summary>
public sealed unsafe class Picture : IDisposable
{
    private readonly PixelBuffer _buffer;

    internal Picture(PixelBuffer buffer, int width, int height, int pixelBytes, int orientation = 1) =>
        (_buffer, Width, Height, PixelBytes, Orientation) = (buffer, width, height, pixelBytes, orientation);

    /// <summary>Columns, in pixels.</summary>
    public int Width { get; }

    /// <summary>Rows, in pixels.</summary>
    public int Height { get; }

    /// <summary>1 for grey, 3 for red, green, blue.</summary>
    public int Channels => PixelBytes == 1 ? 1 : 3;

    /// <summary>How the camera was held: EXIF's 1 to 8, 1 when the pixels stand upright or nothing is known.</summary>
    public int Orientation { get; }

    /// <summary>1 for grey; 4 for red, green, blue and a byte without meaning, which keeps every pixel on a 4-byte border.</summary>
    internal int PixelBytes { get; }

    internal byte* Pixels => _buffer.Pointer;

    internal long Stride => (long)Width * PixelBytes;

    /// <summary>A picture from bytes of the caller's, which are copied.</summary>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels">Row after row without gaps: width x height bytes of grey, or three times as many of red, green, blue.</param>
    /// <exception cref="InvalidImageException">The number of bytes fits neither.</exception>
    public static Picture FromPixels(int width, int height, ReadOnlySpan<byte> pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        var count = (long)width * height;
        if (pixels.Length != count && pixels.Length != 3 * count)
            throw new InvalidImageException($"A picture of {width} x {height} needs {count} bytes of grey or {3 * count} of RGB; {pixels.Length} came.");
        var pixelBytes = pixels.Length == count ? 1 : 4;
        var buffer = new PixelBuffer(count * pixelBytes);
        if (pixelBytes == 1)
            pixels.CopyTo(buffer.Span);
        else
            for (long i = 0; i < count; i++)
                WritePixel(buffer.Pointer + 4 * i, pixels.Slice((int)(3 * i), 3));
        return new(buffer, width, height, pixelBytes);
    }

    /// <summary>Writes the pixels as red, green, blue, row after row without gaps; grey is repeated three times.</summary>
    /// <param name="destination">3 x width x height bytes or more.</param>
    public void CopyRgbTo(Span<byte> destination)
    {
        var pixels = Pixels;
        var count = (long)Width * Height;
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, 3 * count, nameof(destination));
        for (long i = 0; i < count; i++, pixels += PixelBytes)
        {
            var target = destination.Slice((int)(3 * i), 3);
            target[0] = pixels[0];
            target[1] = PixelBytes == 1 ? pixels[0] : pixels[1];
            target[2] = PixelBytes == 1 ? pixels[0] : pixels[2];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    /// <summary>Sets a pixel of a picture that is not grey.</summary>
    internal void SetRgb(int x, int y, byte red, byte green, byte blue) =>
        WritePixel(Pixels + y * Stride + 4L * x, [red, green, blue]);

    /// <summary>The picture as rows for a resampler; they must not outlive it.</summary>
    internal PixelRows Rows() => new WholeRows(this);

    private static void WritePixel(byte* target, ReadOnlySpan<byte> rgb) =>
        (target[0], target[1], target[2], target[3]) = (rgb[0], rgb[1], rgb[2], 255);

    private sealed class WholeRows(Picture picture) : PixelRows
    {
        internal override int Width => picture.Width;

        internal override int Height => picture.Height;

        internal override int PixelBytes => picture.PixelBytes;

        internal override byte* Get(int first, int count) => picture.Pixels + first * Stride;

        // The picture belongs to whoever asked for its rows.
        public override void Dispose() { }
    }
}
