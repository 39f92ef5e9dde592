using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anneal.Onnx.Wire;

namespace Anneal.Onnx;

/// <summary>
/// A constant tensor (<c>TensorProto</c>): element type, dims and elements, row-major. Its elements never change; another tensor takes
/// its place instead. The memory is the file's own block or the caller's own array, never a copy unless the form in the file forces one.
/// </summary>
public sealed partial class TensorData : Annotated
{
    private readonly long[] _dims;
    private readonly TypedElements? _typed;
    private readonly ReadOnlyMemory<byte>[]? _strings;
    private ReadOnlyMemory<byte> _bytes;
    private string[]? _decodedStrings;

    internal TensorData(string name, DType dtype, long[] dims, TensorElements elements)
    {
        (Name, DType, _dims, Storage) = (name, dtype, dims, elements.Storage);
        (_bytes, _typed, _strings) = (elements.Bytes, elements.Typed, elements.Strings);
        External = elements.External;
        ElementCount = TensorLayout.ElementCount(name, dims);
    }

    /// <summary>The tensor's own name. The name of an initializer is its <see cref="Value"/>'s; that one is written.</summary>
    public string Name { get; }

    /// <summary>The element type.</summary>
    public DType DType { get; }

    /// <summary>The extents, outermost first; empty for a scalar.</summary>
    public ReadOnlySpan<long> Dims => _dims;

    /// <summary>The product of the extents.</summary>
    public long ElementCount { get; }

    /// <summary>The form in which the elements stood in the file, and in which they are written.</summary>
    public TensorStorage Storage { get; }

    /// <summary>Where the elements were read from, when <see cref="Storage"/> is <see cref="TensorStorage.External"/>.</summary>
    public ExternalLocation? External { get; }

    /// <summary>Which part of a larger tensor this is (first element, end), or null for all of it.</summary>
    public (long Begin, long End)? Segment { get; internal init; }

    /// <summary>The type that a value holding this tensor has.</summary>
    public TensorType Type => new(DType, Shape.Of(_dims));

    /// <summary>The elements as little-endian bytes, types narrower than a byte packed from the low bits up. No copy unless they stood in a field of varints.</summary>
    /// <exception cref="InvalidModelException">The tensor holds strings, a type this library does not know, or fewer elements than its dims promise.</exception>
    public ReadOnlyMemory<byte> Bytes
    {
        get
        {
            if (Storage == TensorStorage.Typed && _bytes.IsEmpty)
                _bytes = _typed!.ToBytes(Name, DType, ElementCount);
            else if (Storage == TensorStorage.Strings || DType.Bits() == 0)
                throw new InvalidModelException($"Tensor '{Name}' holds {DType}, which has no bytes of fixed width.");
            else if (Storage == TensorStorage.External && _bytes.IsEmpty && ElementCount > 0)
                throw new InvalidModelException($"Tensor '{Name}' lies in external data ('{External!.Location}') that was not read; load the model with {nameof(OnnxLoadOptions.ReadExternalData)}.");
            else if (Storage == TensorStorage.None && ElementCount > 0)
                throw new InvalidModelException($"Tensor '{Name}' promises {ElementCount} elements ({Type}) and holds none. Was the model saved without its weights?");
            return _bytes;
        }
    }

    /// <summary>The elements of a string tensor as bytes, exactly as written.</summary>
    /// <exception cref="ShapeMismatchException">The tensor holds no strings.</exception>
    public IReadOnlyList<ReadOnlyMemory<byte>> StringBytes =>
        DType == DType.String ? _strings ?? [] : throw new ShapeMismatchException($"Tensor '{Name}' holds {DType}, not strings.");

    /// <summary>The elements of a string tensor as text; bytes that are no UTF-8 become lone surrogates U+DC80 to U+DCFF.</summary>
    /// <exception cref="ShapeMismatchException">The tensor holds no strings.</exception>
    public IReadOnlyList<string> Strings => _decodedStrings ??= [.. StringBytes.Select(s => WireText.Decode(s.Span))];

    /// <summary>Whether the elements are here: not left in external data, nor out of the file altogether.</summary>
    internal bool HasElements => ElementCount == 0 || Storage == TensorStorage.Typed || _strings is not null || !_bytes.IsEmpty;

    internal TypedElements? Typed => _typed;

    /// <summary>The number of payload bytes that a save writes inside the model's file.</summary>
    internal long PayloadLength => _typed?.Length ?? _strings?.Sum(s => s.Length + 4L) ?? _bytes.Length;

    /// <summary>
    /// The elements as a span, without a copy. <typeparamref name="T"/> is the CLR type of <see cref="DType"/>, or the unsigned integer
    /// of its width where it has none (bfloat16: ushort; float8, float4, int4, int2: byte, packed), or float for complex64.
    /// </summary>
    /// <exception cref="ShapeMismatchException"><typeparamref name="T"/> does not fit the element type.</exception>
    public ReadOnlySpan<T> As<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(Checked<T>().Span);

    /// <summary>As <see cref="As{T}"/>, as memory that can be kept.</summary>
    /// <exception cref="ShapeMismatchException"><typeparamref name="T"/> does not fit the element type.</exception>
    public ReadOnlyMemory<T> AsMemory<T>() where T : unmanaged
    {
        var bytes = MemoryMarshal.AsMemory(Checked<T>());
        return typeof(T) == typeof(byte)
            ? (ReadOnlyMemory<T>)Unsafe.BitCast<Memory<byte>, Memory<T>>(bytes)
            : new CastMemory<byte, T>(bytes).Memory;
    }

    /// <summary>The same tensor under another name; the elements are shared.</summary>
    public TensorData WithName(string name)
    {
        var copy = new TensorData(name, DType, _dims, new(Storage) { Bytes = _bytes, Typed = _typed, Strings = _strings, External = External })
        {
            Segment = Segment,
            DocString = DocString,
            Trace = Trace,
        };
        foreach (var entry in Metadata)
            copy.Metadata.Add(entry);
        return copy;
    }

    /// <summary>
    /// A tensor of the same name, type and dims with other elements, which stand where these stood: external data stays external. Only a typed field
    /// becomes raw bytes.
    /// </summary>
    /// <exception cref="ShapeMismatchException">The number of bytes is not what type and dims ask for.</exception>
    internal TensorData WithElements(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length != DType.ByteLength(ElementCount))
            throw new ShapeMismatchException($"Tensor {this} needs {DType.ByteLength(ElementCount)} bytes; {bytes.Length} were given.");
        var isExternal = Storage == TensorStorage.External;
        var copy = new TensorData(Name, DType, _dims, new(isExternal ? Storage : TensorStorage.Raw) { Bytes = bytes, External = isExternal ? External : null })
        {
            DocString = DocString,
            Trace = Trace,
        };
        foreach (var entry in Metadata)
            copy.Metadata.Add(entry);
        return copy;
    }

    /// <summary><c>name: Float32 [64,3,7,7]</c>.</summary>
    public override string ToString() => $"{Name}: {DType} [{string.Join(',', _dims)}]";

    private ReadOnlyMemory<byte> Checked<T>() where T : unmanaged => DType.ClrType() == typeof(T) || IsStandIn<T>()
        ? Bytes
        : throw new ShapeMismatchException($"Tensor '{Name}' holds {DType}, not {typeof(T).Name}.");

    private bool IsStandIn<T>() => DType.ClrType() is null && DType switch
    {
        DType.BFloat16 => typeof(T) == typeof(ushort),
        DType.Complex64 => typeof(T) == typeof(float),
        _ => DType.Bits() is > 0 and <= 8 && typeof(T) == typeof(byte),
    };
}
