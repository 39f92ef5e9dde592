using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>
/// A tensor with a name: type, shape and the memory that holds it, row-major. The memory is the caller's own array or slice and is
/// never copied. The object itself is immutable and safe to share between threads and runs; its memory must not be written while a
/// session runs on it, and an output's memory must not be read before the run that fills it returns.
/// </summary>
public sealed class NamedTensor
{
    private readonly long[] _shape;

    internal NamedTensor(string name, DType dtype, long[] shape, TensorMemory memory)
    {
        ArgumentNullException.ThrowIfNull(name);
        (Name, DType, _shape, Storage) = (name, dtype, shape, memory);
        var carrier = ElementTypes.CarrierOf(dtype);
        if (carrier.Type != memory.Type)
            throw new ShapeMismatchException($"Tensor '{name}': {dtype} is carried by {carrier.Type.Name}, the memory holds {memory.Type.Name}.");
        var elements = CountElements(name, shape);
        if (carrier.Length(elements) != memory.Length)
            throw new ShapeMismatchException($"Tensor '{name}': shape [{string.Join(',', shape)}] of {dtype} needs {carrier.Length(elements)} x {memory.Type.Name}, the memory has {memory.Length}.");
    }

    /// <summary>The name of the input or output it stands for.</summary>
    public string Name { get; }

    /// <summary>The element type.</summary>
    public DType DType { get; }

    /// <summary>The extents, outermost first; empty for a scalar.</summary>
    public ReadOnlySpan<long> Shape => _shape;

    /// <summary>The memory that holds the elements.</summary>
    internal TensorMemory Storage { get; }

    /// <summary>The extents as the native side wants them; not to be written.</summary>
    internal long[] Extents => _shape;

    /// <summary>A tensor over memory of the caller's.</summary>
    /// <typeparam name="T">A CLR type that stands for an element type: float, double, the integers, bool, Half, string, Complex.</typeparam>
    /// <exception cref="ShapeMismatchException">The memory's length is not the product of the extents.</exception>
    /// <exception cref="AnnealException"><typeparamref name="T"/> stands for no element type.</exception>
    public static NamedTensor Create<T>(string name, Memory<T> memory, params ReadOnlySpan<long> shape) =>
        new(name, DTypes.Of<T>(), shape.ToArray(), new TensorMemory<T>(memory));

    /// <summary>A tensor over an array of the caller's.</summary>
    /// <inheritdoc cref="Create{T}(string, Memory{T}, ReadOnlySpan{long})"/>
    public static NamedTensor Create<T>(string name, T[] memory, params ReadOnlySpan<long> shape) => Create(name, memory.AsMemory(), shape);

    /// <summary>
    /// A tensor over memory of the caller's whose element type C# lacks, as its bits: bfloat16 in <c>ushort</c>, 8-bit floats in
    /// <c>byte</c>, 4- and 2-bit types packed in bytes, the first element in the lowest bits and the last byte filled up.
    /// </summary>
    /// <typeparam name="T">The CLR type that carries <paramref name="dtype"/>.</typeparam>
    /// <exception cref="ShapeMismatchException">The memory is of another type or length than the element type and the extents need.</exception>
    /// <exception cref="AnnealException">No CLR type carries <paramref name="dtype"/>.</exception>
    public static NamedTensor Create<T>(string name, DType dtype, Memory<T> memory, params ReadOnlySpan<long> shape) =>
        new(name, dtype, shape.ToArray(), new TensorMemory<T>(memory));

    /// <summary>A tensor with memory of its own, all zeros (all empty strings).</summary>
    /// <exception cref="AnnealException">No CLR type carries <paramref name="dtype"/>, or the tensor has more elements than an array.</exception>
    public static NamedTensor Allocate(string name, DType dtype, params ReadOnlySpan<long> shape)
    {
        var extents = shape.ToArray();
        var carrier = ElementTypes.CarrierOf(dtype);
        var length = carrier.Length(CountElements(name, extents));
        if (length > Array.MaxLength)
            throw new AnnealException($"Tensor '{name}': shape [{string.Join(',', extents)}] of {dtype} is larger than one array can be ({Array.MaxLength} x {carrier.Type.Name}).");
        var memory = carrier.Allocate((int)length);
        if (memory is TensorMemory<string> strings)
            strings.Memory.Span.Fill("");
        return new(name, dtype, extents, memory);
    }

    /// <summary>The elements, without a copy.</summary>
    /// <exception cref="ShapeMismatchException"><typeparamref name="T"/> is not the CLR type that carries <see cref="DType"/>.</exception>
    public Memory<T> As<T>() => Storage is TensorMemory<T> typed
        ? typed.Memory
        : throw new ShapeMismatchException($"Tensor '{Name}' holds {DType}, carried by {Storage.Type.Name}, not by {typeof(T).Name}.");

    /// <summary>Name, type and shape: <c>data: Float32 [1,3,224,224]</c>.</summary>
    public override string ToString() => $"{Name}: {DType} [{string.Join(',', _shape)}]";

    /// <summary>Copies an input of a model that is one of its outputs.</summary>
    /// <exception cref="ShapeMismatchException">The shapes differ.</exception>
    internal void CopyTo(NamedTensor output, string subject)
    {
        if (!Shape.SequenceEqual(output.Shape))
            throw new ShapeMismatchException($"{subject} gives its input as output '{output.Name}': given {this}, expected back as {output}.");
        Storage.CopyTo(output.Storage);
    }

    private static long CountElements(string name, long[] shape)
    {
        var elements = 1L;
        foreach (var extent in shape)
        {
            if (extent < 0)
                throw new ShapeMismatchException($"Tensor '{name}': shape [{string.Join(',', shape)}] has a negative extent; a tensor in memory has none left open.");
            try
            {
                elements = checked(elements * extent);
            }
            catch (OverflowException)
            {
                throw new ShapeMismatchException($"Tensor '{name}': shape [{string.Join(',', shape)}] has more elements than can be counted in 63 bits.");
            }
        }
        return elements;
    }
}
