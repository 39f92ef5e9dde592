using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Anneal.Training.Data;
using Anneal.Zoo.Images;

namespace Anneal.Training.Tuning;

/// <summary>What a picture is, as a number: a file's bytes, which need no decoding, or else the pixels.</summary>
internal static class PictureHash
{
    /// <summary>The hash of a sample, and its class.</summary>
    /// <exception cref="SampleException">It cannot be read.</exception>
    public static (ContentHash Hash, int Label) Of(IDataset<PictureSample> data, int index)
    {
        try
        {
            if (data.FileOf(index) is { } path && data.LabelOf(index) is { } label)
                return (OfFile(path), label);
            using var sample = data[index];
            return (OfPixels(sample.Picture), sample.Label);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new SampleException(index, data.NameOf(index), error);
        }
    }

    private static ContentHash OfFile(string path)
    {
        using var hash = Begin("file");
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var buffer = new byte[1 << 16];
        for (int read; (read = file.Read(buffer)) > 0;)
            hash.AppendData(buffer, 0, read);
        return ContentHash.Read(hash.GetHashAndReset());
    }

    private static unsafe ContentHash OfPixels(Picture picture)
    {
        using var hash = Begin("pixels");
        hash.AppendData(MemoryMarshal.AsBytes<int>([picture.Width, picture.Height, picture.PixelBytes, picture.Orientation]));
        for (var row = 0; row < picture.Height; row++)
            hash.AppendData(new ReadOnlySpan<byte>(picture.Pixels + (row * picture.Stride), checked((int)picture.Stride)));
        return ContentHash.Read(hash.GetHashAndReset());
    }

    private static IncrementalHash Begin(string kind)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(System.Text.Encoding.ASCII.GetBytes(kind + "\n"));
        return hash;
    }
}
