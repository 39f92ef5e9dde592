using System.Buffers;
using System.Security.Cryptography;
using Anneal.Onnx;
using Anneal.Training.Data;
using Anneal.Zoo.Images;

namespace Anneal.Training.Tuning;

/// <summary>
/// One look at every picture of a dataset, on all cores: its hash, and whether it can be decoded. What needs hashes, the search for faults, the
/// digest of the data and a cache of features, shares it.
/// </summary>
public sealed class PictureScan
{
    private PictureScan(IReadOnlyList<string> classNames, IReadOnlyList<PictureRecord> pictures) => (ClassNames, Pictures) = (classNames, pictures);

    /// <summary>The names of the classes in the order of the labels; those of a dataset without names are its labels' numbers.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The pictures in their order.</summary>
    public IReadOnlyList<PictureRecord> Pictures { get; }

    /// <summary>Looks at all pictures.</summary>
    /// <param name="data">The pictures.</param>
    /// <param name="decode">Whether files are decoded too, which finds damaged ones and takes most of the time. Pictures that are no files of their own always are.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    public static PictureScan Run(IDataset<PictureSample> data, bool decode = true, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        var pictures = new PictureRecord[data.Count];
        Parallel.For(0, pictures.Length, new() { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, i => pictures[i] = Look(data, i, decode));
        return new(NamesOf(data, pictures), pictures);
    }

    private static PictureRecord Look(IDataset<PictureSample> data, int index, bool decode)
    {
        var name = data.NameOf(index) ?? FormattableString.Invariant($"picture {index}");
        var label = data.LabelOf(index);
        string? hash = null;
        try
        {
            if (data.FileOf(index) is { } file)
                hash = HashOfFile(file);
            if (hash is null || decode || label is null)
            {
                using var sample = data[index];
                hash ??= HashOfPixels(sample.Picture);
                label ??= sample.Label;
            }
            return new(index, name, label, hash, Trouble: null);
        }
        catch (Exception error) when (error is AnnealException or IOException or UnauthorizedAccessException)
        {
            return new(index, name, label, hash, error is AnnealException ? error.Message : $"{name} cannot be read: {error.Message}");
        }
    }

    private static string HashOfFile(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Of width, height, channels and orientation (4 bytes each, little-endian), then the pixels as red, green, blue.</summary>
    private static string HashOfPixels(Picture picture)
    {
        var length = checked(3 * picture.Width * picture.Height);
        var pixels = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            picture.CopyRgbTo(pixels);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var number in (ReadOnlySpan<int>)[picture.Width, picture.Height, picture.Channels, picture.Orientation])
                DatasetDigest.Append(hash, number);
            hash.AppendData(pixels, 0, length);
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pixels);
        }
    }

    private static IReadOnlyList<string> NamesOf(IDataset<PictureSample> data, PictureRecord[] pictures)
    {
        var count = pictures.Length == 0 ? 0 : pictures.Max(picture => picture.Label ?? -1) + 1;
        return data.ClassNames ?? [.. Enumerable.Range(0, count).Select(label => FormattableString.Invariant($"{label}"))];
    }
}
