namespace Anneal.Onnx.Tests.Fuzz;

/// <summary>One field of a protobuf message; bytes that read as a message themselves have fields of their own.</summary>
internal sealed class WireTree
{
    private const int Varint = 0, Fixed64 = 1, Delimited = 2, Fixed32 = 5;
    private const int MostDepth = 60;

    public int Number { get; set; }

    public int Wire { get; set; }

    public ulong Value { get; set; }

    public byte[] Bytes { get; set; } = [];

    public List<WireTree>? Fields { get; set; }

    /// <summary>The bytes as a message, or null when they are none.</summary>
    public static WireTree? Parse(ReadOnlySpan<byte> bytes, int depth = 0)
    {
        var fields = new List<WireTree>();
        for (var rest = bytes; !rest.IsEmpty;)
            if (ReadField(ref rest, depth) is { } field)
                fields.Add(field);
            else
                return null;
        return new() { Wire = Delimited, Fields = fields, Bytes = bytes.ToArray() };
    }

    public WireTree Clone() => new() { Number = Number, Wire = Wire, Value = Value, Bytes = Bytes, Fields = Fields?.ConvertAll(field => field.Clone()) };

    /// <summary>This field and all below it.</summary>
    public IEnumerable<WireTree> All() => (Fields ?? []).SelectMany(field => field.All()).Prepend(this);

    public byte[] Content()
    {
        if (Fields is null)
            return Bytes;
        var bytes = new List<byte>();
        foreach (var field in Fields)
            field.Write(bytes);
        return [.. bytes];
    }

    private void Write(List<byte> to)
    {
        WriteVarint(to, ((ulong)Number << 3) | (uint)Wire);
        switch (Wire)
        {
            case Varint: WriteVarint(to, Value); break;
            case Fixed64: to.AddRange(BitConverter.GetBytes(Value)); break;
            case Fixed32: to.AddRange(BitConverter.GetBytes((uint)Value)); break;
            default:
                var content = Content();
                WriteVarint(to, (ulong)content.Length);
                to.AddRange(content);
                break;
        }
    }

    private static WireTree? ReadField(ref ReadOnlySpan<byte> rest, int depth)
    {
        if (!TryRead(ref rest, out var tag) || tag >> 3 is 0 or > int.MaxValue)
            return null;
        var field = new WireTree { Number = (int)(tag >> 3), Wire = (int)(tag & 7) };
        switch (field.Wire)
        {
            case Varint when TryRead(ref rest, out var value): field.Value = value; return field;
            case Fixed64 when rest.Length >= 8: field.Value = BitConverter.ToUInt64(rest); rest = rest[8..]; return field;
            case Fixed32 when rest.Length >= 4: field.Value = BitConverter.ToUInt32(rest); rest = rest[4..]; return field;
            case Delimited when TryRead(ref rest, out var length) && length <= (ulong)rest.Length:
                field.Bytes = rest[..(int)length].ToArray();
                field.Fields = length > 1 && depth < MostDepth ? Parse(field.Bytes, depth + 1)?.Fields : null;
                rest = rest[(int)length..];
                return field;
            default: return null;
        }
    }

    private static bool TryRead(ref ReadOnlySpan<byte> rest, out ulong value)
    {
        value = 0;
        for (var i = 0; i < Math.Min(10, rest.Length); i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] >= 0x80)
                continue;
            rest = rest[(i + 1)..];
            return true;
        }
        return false;
    }

    private static void WriteVarint(List<byte> to, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            to.Add((byte)(value | 0x80));
        to.Add((byte)value);
    }
}
