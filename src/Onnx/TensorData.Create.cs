using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anneal.Onnx.Wire;

namespace Anneal.Onnx;

public sealed partial class TensorData
{
    /// <summary>A tensor over elements of the caller's, which must not change any more. Written as raw bytes.</summary>
    /// <typeparam name="T">A CLR type that stands for an element type.</typeparam>
    /// <exception cref="ShapeMismatchException">The number of elements is not the product of the dims.</exception>
    /// <exception cref="AnnealException"><typeparamref name="T"/> stands for no element type.</exception>
    public static TensorData Create<T>(string name, ReadOnlyMemory<T> elements, params ReadOnlySpan<long> dims) where T : unmanaged =>
        FromBytes(name, DTypes.Of<T>(), dims, AsBytes(elements));

    /// <summary>As <see cref="Create{T}(string, ReadOnlyMemory{T}, ReadOnlySpan{long})"/>, over an array.</summary>
    /// <exception cref="ShapeMismatchException">The number of elements is not the product of the dims.</exception>
    public static TensorData Create<T>(string name, T[] elements, params ReadOnlySpan<long> dims) where T : unmanaged =>
        Create(name, new ReadOnlyMemory<T>(elements), dims);

    /// <summary>A tensor without axes.</summary>
    public static TensorData Scalar<T>(string name, T value) where T : unmanaged => Create(name, [value]);

    /// <summary>A tensor over little-endian bytes, types narrower than a byte packed from the low bits up.</summary>
    /// <exception cref="ShapeMismatchException">The number of bytes is not what type and dims ask for.</exception>
    public static TensorData FromBytes(string name, DType dtype, ReadOnlySpan<long> dims, ReadOnlyMemory<byte> bytes)
    {
        var tensor = new TensorData(name, dtype, dims.ToArray(), new(TensorStorage.Raw) { Bytes = bytes });
        var expected = dtype.ByteLength(tensor.ElementCount);
        return dtype.Bits() > 0 && bytes.Length == expected
            ? tensor
            : throw new ShapeMismatchException($"Tensor {tensor} needs {expected} bytes; {bytes.Length} were given.");
    }

    /// <summary>A tensor of strings.</summary>
    /// <exception cref="ShapeMismatchException">The number of strings is not the product of the dims.</exception>
    public static TensorData FromStrings(string name, IEnumerable<string> strings, params ReadOnlySpan<long> dims)
    {
        ReadOnlyMemory<byte>[] elements = [.. strings.Select(s => WireText.Encode(s).Memory)];
        var tensor = new TensorData(name, DType.String, dims.ToArray(), new(TensorStorage.Strings) { Strings = elements });
        return elements.Length == tensor.ElementCount
            ? tensor
            : throw new ShapeMismatchException($"Tensor {tensor} needs {tensor.ElementCount} strings; {elements.Length} were given.");
    }

    private static ReadOnlyMemory<byte> AsBytes<T>(ReadOnlyMemory<T> elements) where T : unmanaged
    {
        var memory = MemoryMarshal.AsMemory(elements);
        return typeof(T) == typeof(byte) ? Unsafe.BitCast<Memory<T>, Memory<byte>>(memory) : new CastMemory<T, byte>(memory).Memory;
    }
}
