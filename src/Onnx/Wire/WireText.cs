using System.Text;
using Google.Protobuf;

namespace Anneal.Onnx.Wire;

/// <summary>
/// Text on the wire: UTF-8, where a byte that is no UTF-8 becomes a lone surrogate (U+DC80 to U+DCFF) and comes back as that byte.
/// Real UTF-8 never decodes to a lone surrogate, so the two cannot be confused and every byte sequence survives.
/// </summary>
internal static class WireText
{
    private const int EscapeBase = 0xDC00;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Decode(ReadOnlySpan<byte> bytes) =>
        bytes.IsEmpty ? "" : System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : DecodeEscaped(bytes);

    public static ByteString Encode(string text)
    {
        if (text.Length == 0)
            return ByteString.Empty;
        foreach (var c in text)
            if (char.IsSurrogate(c))
                return UnsafeByteOperations.UnsafeWrap(EncodeEscaped(text));
        return UnsafeByteOperations.UnsafeWrap(Strict.GetBytes(text));
    }

    private static string DecodeEscaped(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var used) == System.Buffers.OperationStatus.Done)
                text.Append(rune.ToString());
            else
                foreach (var b in bytes[..used])
                    text.Append((char)(EscapeBase + b));
            bytes = bytes[used..];
        }
        return text.ToString();
    }

    private static byte[] EncodeEscaped(string text)
    {
        var bytes = new List<byte>(text.Length + 8);
        Span<byte> buffer = stackalloc byte[4];
        for (var i = 0; i < text.Length;)
        {
            if (Rune.TryGetRuneAt(text, i, out var rune))
            {
                bytes.AddRange(buffer[..rune.EncodeToUtf8(buffer)]);
                i += rune.Utf16SequenceLength;
                continue;
            }
            if (text[i] is < (char)(EscapeBase + 0x80) or > (char)(EscapeBase + 0xFF))
                throw new AnnealException($"The text '{text}' holds a lone surrogate (U+{(int)text[i]:X4}) at position {i} and cannot be written as UTF-8.");
            bytes.Add((byte)(text[i++] - EscapeBase));
        }
        return [.. bytes];
    }
}
