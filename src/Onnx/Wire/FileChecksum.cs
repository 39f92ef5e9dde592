using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Anneal.Onnx.Wire;

/// <summary>The checksum that external data may state.</summary>
internal static class FileChecksum
{
    /// <summary>The SHA-1 of a whole file, in lower-case hexadecimal.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "The format asks for SHA-1; it guards against damage, not against malice.")]
    public static string Sha1(SafeFileHandle file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        var buffer = new byte[1 << 20];
        for (var at = 0L; RandomAccess.Read(file, buffer, at) is > 0 and var read; at += read)
            hash.AppendData(buffer.AsSpan(0, read));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
