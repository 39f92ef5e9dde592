namespace Anneal.Zoo.Images;

/// <summary>
/// Rows of pixels, asked for from the top down and in order. What lies behind may be a whole picture in memory or a decoder that
/// makes a few rows at a time; the resamplers do not care.
/// </summary>
internal abstract unsafe class PixelRows : IDisposable
{
    /// <summary>The most rows one call may ask for.</summary>
    internal const int MostRows = 64;

    /// <summary>Pixels in a row.</summary>
    internal abstract int Width { get; }

    /// <summary>Rows.</summary>
    internal abstract int Height { get; }

    /// <summary>1 for grey, 4 for red, green, blue and a byte without meaning.</summary>
    internal abstract int PixelBytes { get; }

    /// <summary>Bytes from one row to the next in what <see cref="Get"/> gives.</summary>
    internal long Stride => (long)Width * PixelBytes;

    /// <summary>
    /// The rows <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/>, valid until the next call. A later
    /// call never asks for a row that an earlier one has passed.
    /// </summary>
    internal abstract byte* Get(int first, int count);

    /// <summary>Gives back what was taken to make the rows.</summary>
    public abstract void Dispose();
}
