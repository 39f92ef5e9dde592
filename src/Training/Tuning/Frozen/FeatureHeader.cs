using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Anneal.Training.Tuning;

/// <summary>
/// How a file of features begins; all numbers are little-endian. Behind it come the rows' picture hashes, 32 bytes each, and from
/// <see cref="DataOffset"/> on the rows, float32.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct FeatureHeader
{
    /// <summary>What every file begins with, the version of the format in it.</summary>
    public const ulong Mark = 0x31_54_41_45_46_4E_4E_41; // "ANNFEAT1"

    /// <summary>The most axes that a picture's features can have.</summary>
    public const int MostAxes = 6;

    public ulong Magic;

    /// <summary>What the features were made by.</summary>
    public ContentHash Space;

    /// <summary>SHA-256 of the file with this field zero.</summary>
    public ContentHash Digest;

    public int Rows;

    public int Rank;

    public Extents Shape;

    /// <summary>Where the hashes begin.</summary>
    public static int Size => Unsafe.SizeOf<FeatureHeader>();

    /// <summary>Where the rows begin: on a border of 64 bytes.</summary>
    public readonly long DataOffset => (Size + ((long)Rows * ContentHash.Size) + 63) / 64 * 64;

    /// <summary>How long the file is.</summary>
    public readonly long FileLength => DataOffset + (Rows * (long)RowLength * sizeof(float));

    /// <summary>How many numbers a row has.</summary>
    public readonly int RowLength => ToShape().ElementCount;

    /// <summary>The shape of a row.</summary>
    public readonly TensorShape ToShape()
    {
        ReadOnlySpan<int> extents = Shape;
        return TensorShape.Of(extents[..Rank]);
    }

    /// <summary>Whether the numbers can be those of a file of this length.</summary>
    public readonly bool IsSound(ContentHash space, long fileLength)
    {
        ReadOnlySpan<int> extents = Shape;
        if (Magic != Mark || Space != space || Rows < 1 || Rank is < 0 or > MostAxes)
            return false;
        var length = 1L;
        foreach (var extent in extents[..Rank])
            if (extent < 0 || (length *= extent) > int.MaxValue)
                return false;
        return FileLength == fileLength;
    }

    [InlineArray(MostAxes)]
    internal struct Extents
    {
        private int _first;
    }
}
