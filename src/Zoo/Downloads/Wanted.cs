using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>A file that is asked for, checked: its digest, its size where known, and the name it has for the person who asks.</summary>
internal sealed record Wanted(string Sha256, long? SizeBytes, string What)
{
    /// <summary>Checks what a card or a person gave; the digest may be in either case, a size of 0 means that it is not known.</summary>
    public static Wanted From(ModelFile file, string what)
    {
        if (file.Sha256.Length != 64 || !file.Sha256.All(char.IsAsciiHexDigit))
            throw new AnnealException($"{what}: the digest '{file.Sha256}' is no SHA-256, which is 64 hexadecimal digits.");
        if (file.SizeBytes < 0)
            throw new AnnealException($"{what}: the size {file.SizeBytes} is negative; give the exact number of bytes, or 0 when it is not known.");
        return new Wanted(file.Sha256.ToLowerInvariant(), file.SizeBytes == 0 ? null : file.SizeBytes, what);
    }

    /// <summary>The name with digest and size, for messages.</summary>
    public override string ToString() => $"{What} (sha256 {Sha256}, {(SizeBytes is { } size ? $"{size:N0} bytes" : "size not known")})";
}
