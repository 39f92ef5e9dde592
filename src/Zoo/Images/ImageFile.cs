using Anneal.Onnx;
using SkiaSharp;

namespace Anneal.Zoo.Images;

/// <summary>
/// An image file, opened: its header is read and its size checked, its pixels are decoded when asked for. The one place that knows the
/// codec. Pixels are what Pillow's <c>Image.open(file).convert("RGB")</c> gives: no colour management, transparency dropped and not
/// blended, CMYK as Adobe stores it, 16 bits a channel cut to the high byte (but one grey channel of 16 bits clipped to 255, as Pillow
/// does), the first picture of an animation, and the orientation that a camera noted left to the caller.
/// </summary>
public sealed unsafe class ImageFile : IDisposable
{
    private readonly PixelBuffer _bytes;
    private readonly SKCodec _codec;
    private readonly ImageLimits _limits;
    private readonly ImageHeader _header;
    private readonly GifFirstFrame? _gif;
    private readonly Bmp16? _bmp;

    private ImageFile(string name, PixelBuffer bytes, ImageFormat format, ImageLimits limits)
    {
        (Name, _bytes, Format, _limits) = (name, bytes, format, limits);
        _header = ImageHeader.Of(format, bytes.Span);
        RequirePixels(_header.Width, _header.Height);
        _gif = format == ImageFormat.Gif ? GifFirstFrame.Prepare(bytes.Span) : null;
        _bmp = format == ImageFormat.Bmp ? Bmp16.Of(bytes.Span) : null;
        if (_header.IsGray16)
            PngGray16.Disguise(bytes.Span);
        _codec = CreateCodec();
        RequirePixels(Width, Height);
    }

    /// <summary>The name in messages: the path as given.</summary>
    public string Name { get; }

    /// <summary>The format, told from the content.</summary>
    public ImageFormat Format { get; }

    /// <summary>Columns as stored, before any turning.</summary>
    public int Width => _codec.Info.Width;

    /// <summary>Rows as stored, before any turning.</summary>
    public int Height => _codec.Info.Height;

    /// <summary>How the camera was held: EXIF's 1 to 8; 1 when the pixels stand upright or nothing is known.</summary>
    public int Orientation => _header.Orientation is var known and > 0 ? known : (int)_codec.EncodedOrigin;

    /// <summary>What a user should know about how the pixels were read, or null.</summary>
    internal string? Warning => _header.IsGray16
        ? $"{Name}: grey of 16 bits; values over 255 become white, as in Pillow. Save it with 8 bits a channel."
        : null;

    /// <summary>Whether the whole picture fits the memory allowed.</summary>
    internal bool FitsMemory(int copies = 1) => MemoryNeeded(copies) <= _limits.MaxMemoryBytes;

    /// <summary>Opens a file by path.</summary>
    /// <exception cref="InvalidImageException">There is no such file, it is no image that is read here, or its size is over a limit.</exception>
    public static ImageFile Open(string path, ImageLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            throw new InvalidImageException($"{path} is a folder, not an image.");
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            return Open(stream, path, limits);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidImageException($"{path} does not exist.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidImageException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Opens an image from a stream, which is read to its end and stays open.</summary>
    /// <param name="stream">The encoded image, from its current position.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="limits">How large it may be, or null for <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="InvalidImageException">It is no image that is read here, or its size is over a limit.</exception>
    public static ImageFile Open(Stream stream, string name, ImageLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        limits ??= ImageLimits.Default;
        var start = new byte[ImageSignature.Length];
        var have = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var format = Recognize(start.AsSpan(0, have), name);
        return Own(ReadAll(stream, start.AsSpan(0, have), name, limits), name, format, limits);
    }

    /// <summary>Opens an image from bytes, which are copied.</summary>
    /// <param name="bytes">The encoded image.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="limits">How large it may be, or null for <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="InvalidImageException">It is no image that is read here, or its size is over a limit.</exception>
    public static ImageFile Open(ReadOnlySpan<byte> bytes, string name, ImageLimits? limits = null)
    {
        var format = Recognize(bytes[..Math.Min(bytes.Length, ImageSignature.Length)], name);
        var copy = new PixelBuffer(bytes.Length);
        bytes.CopyTo(copy.Span);
        return Own(copy, name, format, limits ?? ImageLimits.Default);
    }

    /// <summary>
    /// Writes a picture as a PNG file, which loses nothing: a drawn one, or one that an augmentation has changed and somebody wants to look at. The
    /// file appears whole or not at all, in place of one that was there.
    /// </summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(Picture picture, string path)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var color = picture.PixelBytes == 1 ? SKColorType.Gray8 : SKColorType.Rgba8888;
        using var pixels = new SKPixmap(new(picture.Width, picture.Height, color, SKAlphaType.Opaque), (nint)picture.Pixels, (int)picture.Stride);
        using var encoded = pixels.Encode(SKPngEncoderOptions.Default)
            ?? throw new InvalidImageException($"A picture of {picture.Width} x {picture.Height} cannot be written as PNG.");
        AtomicFile.Write(path, encoded.SaveTo);
    }

    /// <summary>Opens a file by path and decodes it.</summary>
    /// <exception cref="InvalidImageException">There is no such file, or it gives no picture.</exception>
    public static Picture Read(string path, ImageLimits? limits = null)
    {
        using var file = Open(path, limits);
        return file.Decode();
    }

    /// <summary>Decodes the pixels as stored.</summary>
    /// <exception cref="InvalidImageException">The file is cut off or damaged, or the pixels need more memory than allowed.</exception>
    public Picture Decode()
    {
        RequireMemory(copies: 1);
        if (_header.IsCutOff)
            Check(SKCodecResult.IncompleteInput);
        var info = PixelInfo;
        var buffer = new PixelBuffer((long)info.Height * info.RowBytes64);
        try
        {
            Check(_codec.GetPixels(info, (nint)buffer.Pointer, info.RowBytes, SKCodecOptions.Default));
            var picture = new Picture(buffer, Width, Height, info.BytesPerPixel, Orientation);
            _gif?.PaintAround(picture);
            _bmp?.Rescale(picture);
            return _header.IsGray16 ? PngGray16.Clip(picture) : picture;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <summary>Decodes the pixels as stored, a few rows at a time, for a picture that does not fit the memory allowed.</summary>
    /// <exception cref="InvalidImageException">The format cannot be decoded in parts.</exception>
    internal PixelRows Scan()
    {
        if (!_header.CanScan)
            RequireMemory(copies: 1);
        Check(_codec.StartScanlineDecode(PixelInfo));
        return new ScannedRows(this);
    }

    /// <summary>Refuses a picture that does not fit the memory allowed.</summary>
    internal void RequireMemory(int copies)
    {
        var need = MemoryNeeded(copies);
        if (need > _limits.MaxMemoryBytes)
            throw Invalid(FormattableString.Invariant(
                $"has {Width} x {Height} pixels and needs {need >> 20} MiB to decode, more than the {_limits.MaxMemoryBytes >> 20} MiB allowed; scale it down, save it as a baseline JPEG, or raise ImageLimits.MaxMemoryBytes"));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _codec?.Dispose();
        _bytes.Dispose();
    }

    // No colour space is given, so the codec converts none; "unpremultiplied" keeps the colours of transparent pixels.
    private SKImageInfo PixelInfo => _codec.Info is { ColorType: SKColorType.Gray8, AlphaType: SKAlphaType.Opaque }
        ? new(Width, Height, SKColorType.Gray8, SKAlphaType.Opaque)
        : new(Width, Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);

    private static ImageFile Own(PixelBuffer bytes, string name, ImageFormat format, ImageLimits limits)
    {
        try
        {
            return new(name, bytes, format, limits);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    private static ImageFormat Recognize(ReadOnlySpan<byte> start, string name)
    {
        if (start.IsEmpty)
            throw new InvalidImageException($"{name} is empty.");
        return ImageSignature.Readable(start) ?? throw new InvalidImageException(ImageSignature.Advice(start) is { } advice
            ? $"{name} {advice}."
            : $"{name} is not an image: its first bytes are those of no format that is read here (JPEG, PNG, GIF, BMP, WebP).");
    }

    private static PixelBuffer ReadAll(Stream stream, ReadOnlySpan<byte> start, string name, ImageLimits limits)
    {
        var buffer = new PixelBuffer(stream.CanSeek ? Bounded(start.Length + stream.Length - stream.Position, name, limits) + 1 : 1 << 16);
        start.CopyTo(buffer.Span);
        for (var length = start.Length; ;)
        {
            var read = stream.Read(buffer.Span[length..]);
            length += read;
            if (read == 0)
                return buffer.Trimmed(length);
            if (length == buffer.Length)
                buffer = buffer.Grown(Bounded(2L * length, name, limits));
        }
    }

    private static long Bounded(long length, string name, ImageLimits limits) => length < Math.Min(limits.MaxMemoryBytes, int.MaxValue / 2)
        ? length
        : throw new InvalidImageException(
            $"{name} has more bytes than the {limits.MaxMemoryBytes >> 20} MiB allowed; scale it down or raise ImageLimits.MaxMemoryBytes.");

    private SKCodec CreateCodec()
    {
        using var data = SKData.Create((nint)_bytes.Pointer, (int)_bytes.Length);
        return SKCodec.Create(data) ?? throw Invalid($"is a {ImageSignature.Name(Format)} picture whose header is damaged or cut off");
    }

    private void RequirePixels(long width, long height)
    {
        if (width * height > _limits.MaxPixels)
            throw Invalid(FormattableString.Invariant(
                $"has {width} x {height} = {width * height:N0} pixels, more than the {_limits.MaxPixels:N0} allowed; scale it down or raise the limit"));
    }

    private long MemoryNeeded(int copies) =>
        _bytes.Length + (long)((double)Width * Height * (copies * PixelInfo.BytesPerPixel + _header.WorkingBytesPerPixel));

    private void Check(SKCodecResult result)
    {
        if (result != SKCodecResult.Success)
            throw Invalid(result switch
            {
                SKCodecResult.IncompleteInput => $"is a {ImageSignature.Name(Format)} picture that is cut off: not all of its pixels are there",
                SKCodecResult.ErrorInInput or SKCodecResult.InvalidInput => $"is a {ImageSignature.Name(Format)} picture whose data are damaged or cut off",
                _ => $"is a {ImageSignature.Name(Format)} picture that cannot be decoded ({result})",
            });
    }

    private InvalidImageException Invalid(string what) => new($"{Name} {what}.");

    private sealed class ScannedRows(ImageFile file) : PixelRows
    {
        private readonly PixelBuffer _strip = new((long)MostRows * file.PixelInfo.RowBytes);
        private int _first;
        private int _count;

        internal override int Width => file.Width;

        internal override int Height => file.Height;

        internal override int PixelBytes => file.PixelInfo.BytesPerPixel;

        // Rows that are still wanted from the strip move to its top; the rest are decoded below them.
        internal override byte* Get(int first, int count)
        {
            var kept = Math.Clamp(_first + _count - first, 0, count);
            if (kept > 0 && first > _first)
                Buffer.MemoryCopy(_strip.Pointer + (first - _first) * Stride, _strip.Pointer, _strip.Length, kept * Stride);
            var next = _first + _count;
            if (first > next && !file._codec.SkipScanlines(first - next))
                file.Check(SKCodecResult.IncompleteInput);
            if (kept < count && file._codec.GetScanlines((nint)(_strip.Pointer + kept * Stride), count - kept, (int)Stride) < count - kept)
                file.Check(SKCodecResult.IncompleteInput);
            (_first, _count) = (first, count);
            return _strip.Pointer;
        }

        public override void Dispose() => _strip.Dispose();
    }
}
