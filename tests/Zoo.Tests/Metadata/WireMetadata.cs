using System.Text;

namespace Anneal.Zoo.Tests.Metadata;

/// <summary>Reads <c>metadata_props</c> off a serialised model with nothing but the wire format: field 14 of ModelProto, key = 1, value = 2.</summary>
internal static class WireMetadata
{
    public static IEnumerable<KeyValuePair<string, string>> Of(byte[] model)
    {
        foreach (var (field, body) in Fields(model))
            if (field == 14)
            {
                var entry = Fields(body).ToDictionary(part => part.Field, part => Encoding.UTF8.GetString(part.Body));
                yield return new(entry[1], entry[2]);
            }
    }

    private static List<(int Field, byte[] Body)> Fields(byte[] message)
    {
        var fields = new List<(int, byte[])>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var start = at;
            var length = (tag & 7) switch
            {
                0 => Skip(message, ref start),
                1 => 8,
                2 => (int)Varint(message, ref start),
                5 => 4,
                _ => throw new InvalidDataException($"wire type {tag & 7}"),
            };
            fields.Add(((int)(tag >> 3), message[start..(start + length)]));
            at = start + length;
        }
        return fields;
    }

    private static int Skip(byte[] message, ref int at)
    {
        Varint(message, ref at);
        return 0;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 127) << shift;
            if (part < 128)
                return value;
        }
    }
}
