using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Anneal.Onnx;
using Anneal.Training.Data;

namespace Anneal.Training.Tuning;

/// <summary>
/// One hash that says which pictures a network was trained on: the SHA-256 of the number of classes, each class's name (its length in UTF-8, its
/// bytes), and of each picture in order its label and the 32 bytes of its own hash. Numbers are 4 bytes, little-endian. Names of files and folders
/// above the classes are not part of it, so that the same data elsewhere has the same digest.
/// </summary>
public static class DatasetDigest
{
    /// <summary>The digest of a dataset, as 64 digits. Files are hashed and not decoded.</summary>
    /// <exception cref="AnnealException">A picture cannot be read.</exception>
    public static string Of(IDataset<PictureSample> data, CancellationToken cancellation = default) => Of(PictureScan.Run(data, decode: false, cancellation));

    /// <summary>The digest of a dataset that was looked at already, as 64 digits.</summary>
    /// <exception cref="AnnealException">A picture could not be read.</exception>
    public static string Of(PictureScan scan)
    {
        ArgumentNullException.ThrowIfNull(scan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, scan.ClassNames.Count);
        foreach (var name in scan.ClassNames)
        {
            var bytes = Encoding.UTF8.GetBytes(name);
            Append(hash, bytes.Length);
            hash.AppendData(bytes);
        }
        foreach (var picture in scan.Pictures)
        {
            if (picture is not { Label: { } label, Sha256: { } own })
                throw new AnnealException($"There is no digest of data of which a picture cannot be read. {picture.Trouble}");
            Append(hash, label);
            hash.AppendData(Convert.FromHexString(own));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    internal static void Append(IncrementalHash hash, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
