using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace Anneal.Training.Tuning;

/// <summary>
/// The framing of TFRecord: the length (8 bytes, little-endian), its checksum, the data, its checksum. A checksum is CRC-32C, turned right by 15
/// bits and with a constant added, so that data that holds checksums themselves does not look sound by chance.
/// </summary>
internal static class EventRecord
{
    private const uint Mask = 0xA282EAD8;

    public static void Write(IBufferWriter<byte> to, ReadOnlySpan<byte> data)
    {
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)data.Length);
        to.Write(length);
        WriteChecksum(to, length);
        to.Write(data);
        WriteChecksum(to, data);
    }

    private static void WriteChecksum(IBufferWriter<byte> to, ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var unit in data)
            crc = BitOperations.Crc32C(crc, unit);
        BinaryPrimitives.WriteUInt32LittleEndian(to.GetSpan(sizeof(uint)), unchecked(BitOperations.RotateRight(~crc, 15) + Mask));
        to.Advance(sizeof(uint));
    }
}
