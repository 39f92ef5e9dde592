using System.Buffers.Binary;
using Anneal.Onnx;
using Microsoft.Win32.SafeHandles;

namespace Anneal.Training.Checkpoints;

/// <summary>What was read of a file: the header as it stood, and the tensors in the order of their elements.</summary>
internal sealed record SafeTensorsParts(byte[] Head, OrderedDictionary<string, TensorData> Tensors, OrderedDictionary<string, string> Metadata)
{
    public SafeTensorsFile ToFile() => new(Tensors, Metadata);
}

/// <summary>Reads files. Nothing is allocated that the file does not hold.</summary>
internal static class SafeTensorsReader
{
    private delegate ReadOnlyMemory<byte> Window(long begin, int length);

    public static SafeTensorsParts Load(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            return Read((begin, length) => Copy(file, path, begin, length), RandomAccess.GetLength(file), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new AnnealException($"{path} cannot be read: {error.Message}", error);
        }
    }

    public static SafeTensorsParts Parse(ReadOnlyMemory<byte> bytes, string name) => Read((begin, length) => bytes.Slice((int)begin, length), bytes.Length, name);

    private static SafeTensorsParts Read(Window window, long length, string file)
    {
        const int lengthBytes = SafeTensorsContent.LengthBytes;
        if (length < lengthBytes)
            throw new InvalidCheckpointException($"{file} is no safetensors file: it has {length} bytes, and the length of the header alone takes {lengthBytes}.");
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(window(0, lengthBytes).Span);
        if (headerLength > SafeTensorsContent.MostHeaderBytes)
            throw new InvalidCheckpointException($"{file} is no safetensors file: its header would have {headerLength} bytes, and {SafeTensorsContent.MostHeaderBytes} are allowed.");
        if ((long)headerLength > length - lengthBytes)
            throw new InvalidCheckpointException($"{file} is no safetensors file, or cut off: its header would have {headerLength} bytes, and the file has {length}.");
        var head = window(0, lengthBytes + (int)headerLength).ToArray();
        var header = SafeTensorsHeader.Read(head.AsSpan(lengthBytes), length - head.Length, file);
        var tensors = new OrderedDictionary<string, TensorData>(header.Entries.Count, StringComparer.Ordinal);
        foreach (var entry in header.Entries)
            tensors.Add(entry.Name, TensorData.FromBytes(entry.Name, entry.Type, entry.Shape, window(head.Length + entry.Begin, (int)(entry.End - entry.Begin))));
        return new(head, tensors, header.Metadata);
    }

    private static ReadOnlyMemory<byte> Copy(SafeFileHandle file, string path, long begin, int length)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(length);
        for (var done = 0; done < length;)
        {
            var read = RandomAccess.Read(file, bytes.AsSpan(done), begin + done);
            if (read == 0)
                throw new InvalidCheckpointException($"{path} became shorter while it was read.");
            done += read;
        }
        return bytes;
    }
}
