using System.Buffers.Binary;
using System.Text;

namespace Anneal.Training.Tests.Tuning;

/// <summary>One field of a message: its number, and the number or the bytes that it holds.</summary>
internal sealed record EventField(int Number, ulong Value, byte[] Bytes);

/// <summary>
/// Reads event files as TensorBoard does, sharing nothing with what writes them: records with checksums worked bit by bit, messages as lists of
/// fields. A record that is cut off ends the file.
/// </summary>
internal static class EventReader
{
    // CRC-32C's polynomial, reflected.
    private const uint Castagnoli = 0x82F63B78;

    public static List<List<EventField>> Read(byte[] file)
    {
        var events = new List<List<EventField>>();
        for (var at = 0; at + 12 <= file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            if (at + 12 + length + 4 > file.Length)
                break;
            var data = file.AsSpan(at + 12, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            events.Add(Fields(data.ToArray()));
            at += 12 + length + 4;
        }
        return events;
    }

    /// <summary>CRC-32C turned right by 15 bits, plus a constant.</summary>
    public static uint Masked(ReadOnlySpan<byte> data)
    {
        var crc = Crc(data);
        return unchecked(((crc >> 15) | (crc << 17)) + 0xA282EAD8u);
    }

    public static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var unit in data)
        {
            crc ^= unit;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ Castagnoli;
        }
        return ~crc;
    }

    public static List<EventField> Fields(byte[] message)
    {
        var fields = new List<EventField>();
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message, ref at);
            var (value, bytes) = (key & 7) switch
            {
                0 => (Varint(message, ref at), []),
                1 => (BinaryPrimitives.ReadUInt64LittleEndian(Take(message, ref at, 8)), []),
                2 => (0UL, Take(message, ref at, (int)Varint(message, ref at))),
                5 => (BinaryPrimitives.ReadUInt32LittleEndian(Take(message, ref at, 4)), Array.Empty<byte>()),
                var kind => throw new InvalidDataException($"Kind {kind}."),
            };
            fields.Add(new((int)(key >> 3), value, bytes));
        }
        return fields;
    }

    public static EventField Field(this List<EventField> fields, int number) => Assert.Single(fields, field => field.Number == number);

    public static List<EventField> Message(this List<EventField> fields, int number) => Fields(fields.Field(number).Bytes);

    public static string Text(this List<EventField> fields, int number) => Encoding.UTF8.GetString(fields.Field(number).Bytes);

    private static byte[] Take(byte[] message, ref int at, int length)
    {
        at += length;
        return message[(at - length)..at];
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var number = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var unit = message[at++];
            number |= (ulong)(unit & 0x7F) << shift;
            if (unit < 0x80)
                return number;
        }
    }
}
