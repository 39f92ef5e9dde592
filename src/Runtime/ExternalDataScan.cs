using System.Text;

namespace Anneal.Runtime;

/// <summary>
/// Finds a tensor that keeps its data in another file by walking over a serialised model without decoding it. A model in memory has no
/// folder; ONNX Runtime would look for such a file wherever the process happens to be.
/// </summary>
internal static class ExternalDataScan
{
    // The depth at which protocol buffers give up as well.
    private const int MaximumDepth = 100;

    private enum Message
    {
        None,
        Model,
        Graph,
        Node,
        Attribute,
        Function,
        SparseTensor,
        Tensor,
    }

    /// <summary>The name and location of the first such tensor, or null. Bytes that are no model are left for the reader to refuse.</summary>
    public static string? Find(ReadOnlySpan<byte> model) => Find(Message.Model, model, 0);

    private static string? Find(Message message, ReadOnlySpan<byte> bytes, int depth)
    {
        if (message is Message.Tensor)
            return FindInTensor(bytes);
        while (depth < MaximumDepth && TryReadField(ref bytes, out var field, out var body))
            if (Child(message, field) is not Message.None and var child && Find(child, body, depth + 1) is { } found)
                return found;
        return null;
    }

    // TensorProto: name = 8, external_data = 13 (key = 1, value = 2), data_location = 14.
    private static string? FindInTensor(ReadOnlySpan<byte> bytes)
    {
        var (name, location, isExternal) = ("", "", false);
        while (TryReadField(ref bytes, out var field, out var body))
        {
            if (field == 8)
                name = Encoding.UTF8.GetString(body);
            if (field is 13 or 14)
                isExternal = true;
            if (field == 13 && ReadEntry(body) is ("location", var value))
                location = value;
        }
        return isExternal ? $"tensor '{name}' in '{location}'" : null;
    }

    private static (string Key, string Value) ReadEntry(ReadOnlySpan<byte> bytes)
    {
        var (key, value) = ("", "");
        while (TryReadField(ref bytes, out var field, out var body))
            (key, value) = field switch
            {
                1 => (Encoding.UTF8.GetString(body), value),
                2 => (key, Encoding.UTF8.GetString(body)),
                _ => (key, value),
            };
        return (key, value);
    }

    // Which field of a message is a message that may hold tensors; numbers from onnx.proto.
    private static Message Child(Message message, int field) => (message, field) switch
    {
        (Message.Model, 7) => Message.Graph,
        (Message.Model, 25) => Message.Function,
        (Message.Function, 7) => Message.Node,
        (Message.Graph, 1) => Message.Node,
        (Message.Graph, 5) => Message.Tensor,
        (Message.Graph, 15) => Message.SparseTensor,
        (Message.Node, 5) => Message.Attribute,
        (Message.Attribute, 5 or 10) => Message.Tensor,
        (Message.Attribute, 6 or 11) => Message.Graph,
        (Message.Attribute, 22 or 23) => Message.SparseTensor,
        (Message.SparseTensor, 1 or 2) => Message.Tensor,
        _ => Message.None,
    };

    // One field off the front: a tag, then a varint (wire type 0), 8 bytes (1), a length and bytes (2) or 4 bytes (5). A zero varint is
    // the default value and counts as absent: its field number is given as 0.
    private static bool TryReadField(ref ReadOnlySpan<byte> bytes, out int field, out ReadOnlySpan<byte> body)
    {
        field = 0;
        body = default;
        if (!TryReadVarint(ref bytes, out var tag))
            return false;
        field = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0 when TryReadVarint(ref bytes, out var value):
                field = value == 0 ? 0 : field;
                return true;
            case 1:
                return TryTake(ref bytes, sizeof(ulong), out body);
            case 2 when TryReadVarint(ref bytes, out var length):
                return TryTake(ref bytes, length, out body);
            case 5:
                return TryTake(ref bytes, sizeof(uint), out body);
            default:
                return false;
        }
    }

    private static bool TryReadVarint(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var i = 0; i < bytes.Length && i < 10; i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] >= 0x80)
                continue;
            bytes = bytes[(i + 1)..];
            return true;
        }
        return false;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> bytes, ulong length, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (length > (ulong)bytes.Length)
            return false;
        body = bytes[..(int)length];
        bytes = bytes[(int)length..];
        return true;
    }
}
