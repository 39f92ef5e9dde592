using System.Security.Cryptography;

namespace Anneal.Training.Tuning;

/// <summary>A SHA-256, as a key.</summary>
internal readonly record struct ContentHash(ulong First, ulong Second, ulong Third, ulong Fourth)
{
    /// <summary>How many bytes it has.</summary>
    public const int Size = 32;

    /// <summary>The hash of these bytes.</summary>
    public static ContentHash Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(bytes, hash);
        return Read(hash);
    }

    /// <summary>A hash from its bytes.</summary>
    public static ContentHash Read(ReadOnlySpan<byte> bytes) =>
        new(BitConverter.ToUInt64(bytes), BitConverter.ToUInt64(bytes[8..]), BitConverter.ToUInt64(bytes[16..]), BitConverter.ToUInt64(bytes[24..]));

    /// <summary>Writes its bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        BitConverter.TryWriteBytes(bytes, First);
        BitConverter.TryWriteBytes(bytes[8..], Second);
        BitConverter.TryWriteBytes(bytes[16..], Third);
        BitConverter.TryWriteBytes(bytes[24..], Fourth);
    }

    /// <summary>The first half in hexadecimal digits: enough for a file's name.</summary>
    public string ToFileName()
    {
        Span<byte> bytes = stackalloc byte[Size];
        Write(bytes);
        return Convert.ToHexStringLower(bytes[..(Size / 2)]);
    }
}
