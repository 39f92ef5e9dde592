using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>
/// A tensor with a name: type, shape and the memory that holds it, row-major. The memory is the caller's own array or slice and is
/// never copied; it must not be written while a session runs on it.
/// </summary>
public sealed class NamedTensor
{
    private readonly long[] _shape;

    private NamedTensor(string name, DType dtype, long[] shape, object memory, long length)
    {
        (Name, DType, _shape, Storage) = (name, dtype, shape, memory);
        var elements = 1L;
        foreach (var extent in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(extent, nameof(shape));
            elements = checked(elements * extent);
        }
        if (elements != length)
            throw new ShapeMismatchException($"Tensor '{name}': shape [{string.Join(',', shape)}] holds {elements} elements, the memory {length}.");
    }

    /// <summary>The name of the input or output it stands for.</summary>
    public string Name { get; }

    /// <summary>The element type.</summary>
    public DType DType { get; }

    /// <summary>The extents, outermost first; empty for a scalar.</summary>
    public ReadOnlySpan<long> Shape => _shape;

    /// <summary>A boxed <c>Memory&lt;T&gt;</c> of the element's CLR type.</summary>
    internal object Storage { get; }

    /// <summary>A tensor over memory of the caller's.</summary>
    /// <typeparam name="T">A CLR type that stands for an element type: float, double, the integers, bool, Half, string.</typeparam>
    /// <exception cref="ShapeMismatchException">The memory's length is not the product of the extents.</exception>
    /// <exception cref="AnnealException"><typeparamref name="T"/> stands for no element type.</exception>
    public static NamedTensor Create<T>(string name, Memory<T> memory, params ReadOnlySpan<long> shape) =>
        new(name, ElementTypes.Of<T>(), shape.ToArray(), memory, memory.Length);

    /// <summary>The elements, without a copy.</summary>
    /// <exception cref="ShapeMismatchException"><typeparamref name="T"/> is not the CLR type of <see cref="DType"/>.</exception>
    public Memory<T> As<T>() => Storage is Memory<T> memory
        ? memory
        : throw new ShapeMismatchException($"Tensor '{Name}' holds {DType}, not {typeof(T).Name}.");

    /// <summary>Name, type and shape: <c>data: Float32 [1,3,224,224]</c>.</summary>
    public override string ToString() => $"{Name}: {DType} [{string.Join(',', _shape)}]";
}
