using System.Text;

namespace Anneal.Onnx.Wire;

/// <summary>Recognises files of other kinds by how they begin, so that a wrong download or a wrong argument is named for what it is.</summary>
internal static class FileSignature
{
    /// <summary>How many bytes of a file decide.</summary>
    public const int Length = 512;

    /// <summary>What the file is, as the end of "This is …", or null when nothing speaks against a model.</summary>
    public static string? Recognise(ReadOnlySpan<byte> head) => head switch
    {
        [] => "an empty file",
        [(byte)'P', (byte)'K', 3, 4, ..] => "a zip archive: a PyTorch or NumPy file, or a packed download. Export a PyTorch model to ONNX first, or unpack the archive",
        [0x1F, 0x8B, ..] => "gzip-compressed data. Unpack it first",
        [0x28, 0xB5, 0x2F, 0xFD, ..] => "zstd-compressed data. Unpack it first",
        [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', ..] => "xz-compressed data. Unpack it first",
        [0xFF, 0xD8, 0xFF, ..] => "a JPEG picture",
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "a PNG picture",
        [0x89, (byte)'H', (byte)'D', (byte)'F', ..] => "an HDF5 file, as Keras writes. Export the model to ONNX first",
        [(byte)'G', (byte)'G', (byte)'U', (byte)'F', ..] => "a GGUF model, which is another format",
        [_, _, _, _, (byte)'T', (byte)'F', (byte)'L', (byte)'3', ..] => "a TensorFlow Lite model, which is another format",
        [_, _, _, _, (byte)'O', (byte)'R', (byte)'T', (byte)'M', ..] => "a model in ONNX Runtime's own ORT format. Use the .onnx file it was made from",
        [_, _, _, _, _, _, 0, 0, (byte)'{', ..] => "a safetensors file: weights without a graph",
        [0x80, 2 or 3 or 4 or 5, (byte)'}' or 0x8A or 0x95 or (byte)'c' or (byte)'q' or (byte)']', ..] => "a Python pickle, as old PyTorch writes. Export the model to ONNX first",
        _ => RecogniseText(head),
    };

    private static string? RecogniseText(ReadOnlySpan<byte> head)
    {
        var text = Encoding.Latin1.GetString(head).TrimStart('\u00EF', '\u00BB', '\u00BF', ' ', '\t', '\r', '\n');
        if (text.StartsWith("version https://git-lfs", StringComparison.Ordinal))
            return "a Git LFS pointer, which stands for a file that was not fetched. Run 'git lfs pull', or download the file itself";
        if (text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase))
            return "an HTML page, as a server sends when it has no file to give. Look at the address it came from";
        if (text.StartsWith("<?xml", StringComparison.OrdinalIgnoreCase))
            return "an XML document";
        if (text.StartsWith('{'))
            return "a JSON document";
        if (text.StartsWith("ir_version:", StringComparison.Ordinal))
            return "a model in protobuf's text format. Convert it to the binary one first";
        return TextOrNothing(head);
    }

    private static string? TextOrNothing(ReadOnlySpan<byte> head)
    {
        foreach (var b in head)
            if (b is < 9 or (> 13 and < 32) or > 126)
                return null;
        return "plain text";
    }
}
