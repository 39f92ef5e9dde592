using System.Buffers.Binary;
using Google.Protobuf;

namespace Anneal.Onnx.Wire;

/// <summary>
/// A typed field of a tensor, kept as the packed blocks that stood in the file: floats and doubles as they are, integers as varints
/// that are decoded when somebody asks for them.
/// </summary>
internal sealed class TypedElements(TypedField field, IReadOnlyList<ByteString> blocks)
{
    public TypedField Field { get; } = field;

    public IReadOnlyList<ByteString> Blocks { get; } = blocks;

    public long Length => Blocks.Sum(b => (long)b.Length);

    /// <summary>The number of entries; throws when a block does not end with an entry's end.</summary>
    public long Count(string tensor) => Blocks.Sum(block => CountEntries(tensor, block.Span));

    /// <summary>The elements as little-endian bytes of their own width.</summary>
    public ReadOnlyMemory<byte> ToBytes(string tensor, DType type, long elements)
    {
        if (Field is TypedField.Float or TypedField.Double)
            return Blocks is [var only] ? only.Memory : Joined();
        var bytes = new byte[type.ByteLength(elements)];
        var (width, at) = (Math.Max(1, type.Bits() / 8), 0);
        foreach (var block in Blocks)
            for (var rest = block.Span; !rest.IsEmpty; at += width)
                Store(tensor, type, Varints.Read(ref rest), bytes.AsSpan(at, width));
        return bytes;
    }

    private byte[] Joined()
    {
        var (joined, at) = (new byte[Length], 0);
        foreach (var block in Blocks)
        {
            block.CopyTo(joined, at);
            at += block.Length;
        }
        return joined;
    }

    private long CountEntries(string tensor, ReadOnlySpan<byte> block)
    {
        var width = Field switch { TypedField.Float => 4, TypedField.Double => 8, _ => 0 };
        if (width == 0 ? block.Length > 0 && !Varints.AreWhole(block) : block.Length % width != 0)
            throw new InvalidModelException($"Tensor '{tensor}': its {Field.ToString().ToLowerInvariant()}_data ends in the middle of an entry.");
        return width == 0 ? Varints.Count(block) : block.Length / width;
    }

    private static void Store(string tensor, DType type, ulong entry, Span<byte> to)
    {
        if (!Fits(type, (long)entry))
            throw new InvalidModelException($"Tensor '{tensor}' holds {(long)entry}, which is no {type}.");
        switch (to.Length)
        {
            case 1: to[0] = (byte)entry; break;
            case 2: BinaryPrimitives.WriteUInt16LittleEndian(to, (ushort)entry); break;
            case 4: BinaryPrimitives.WriteUInt32LittleEndian(to, (uint)entry); break;
            default: BinaryPrimitives.WriteUInt64LittleEndian(to, entry); break;
        }
    }

    /// <summary>Whether an entry is in its type's range. Bit patterns (floats, packed types) are written unsigned by some and signed by others.</summary>
    private static bool Fits(DType type, long entry) => type switch
    {
        DType.Int8 => entry is >= sbyte.MinValue and <= sbyte.MaxValue,
        DType.UInt8 => entry is >= byte.MinValue and <= byte.MaxValue,
        DType.Int16 => entry is >= short.MinValue and <= short.MaxValue,
        DType.UInt16 => entry is >= ushort.MinValue and <= ushort.MaxValue,
        DType.Int32 => entry is >= int.MinValue and <= uint.MaxValue,
        DType.UInt32 => entry is >= uint.MinValue and <= uint.MaxValue,
        DType.Bool => entry is 0 or 1,
        DType.Int64 or DType.UInt64 => true,
        _ when type.Bits() == 16 => entry is >= short.MinValue and <= ushort.MaxValue,
        _ => entry is >= sbyte.MinValue and <= byte.MaxValue,
    };
}
