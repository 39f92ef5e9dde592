using Anneal.Zoo.Images;

namespace Anneal.Training.Data;

/// <summary>A picture, its class, and where it came from. The picture's memory is pooled: whoever asked for the sample disposes it.</summary>
/// <param name="picture">The pixels, which belong to the sample.</param>
/// <param name="label">The class, counted from 0.</param>
/// <param name="source">What errors call it: a path, a place in a file.</param>
public sealed class PictureSample(Picture picture, int label, string source) : IDisposable
{
    /// <summary>The pixels.</summary>
    public Picture Picture { get; internal set; } = picture;

    /// <summary>The class, counted from 0.</summary>
    public int Label { get; } = label;

    /// <summary>Where the picture came from.</summary>
    public string Source { get; } = source;

    /// <inheritdoc/>
    public void Dispose() => Picture.Dispose();
}
