using System.Numerics;
using System.Runtime.InteropServices;
using Anneal.Onnx;
using Anneal.Training.Devices;

namespace Anneal.Training;

public partial class Tensor
{
    /// <summary>A tensor with the elements of a span, copied.</summary>
    /// <param name="elements">The elements, row-major.</param>
    /// <param name="shape">The extents: <c>[2, 3]</c>.</param>
    /// <param name="device">Where it lives; default: the processor.</param>
    /// <exception cref="ShapeMismatchException">The number of elements is not the product of the extents.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> elements, TensorShape shape, Device? device = null) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (elements.Length != shape.ElementCount)
            throw new ShapeMismatchException($"A tensor of shape {shape} has {shape.ElementCount} elements; {elements.Length} were given.");
        var tensor = Empty(ComputeDevice.Find(device ?? Device.Cpu), DTypes.Of<T>(), shape);
        tensor.Compute.Upload(MemoryMarshal.AsBytes(elements), tensor.Memory);
        return tensor;
    }

    /// <summary>A tensor with the elements of an array, copied.</summary>
    /// <inheritdoc cref="From{T}(ReadOnlySpan{T}, TensorShape, Device?)"/>
    public static Tensor From<T>(T[] elements, TensorShape shape, Device? device = null) where T : unmanaged =>
        From((ReadOnlySpan<T>)elements, shape, device);

    /// <summary>A vector with these elements, copied.</summary>
    public static Tensor From<T>(params T[] elements) where T : unmanaged => From((ReadOnlySpan<T>)elements, [elements.Length]);

    /// <summary>A tensor with the elements of a constant of a model, copied.</summary>
    /// <exception cref="InvalidModelException">The constant's elements are not there.</exception>
    /// <exception cref="ShapeMismatchException">Its elements are strings, or narrower than a byte.</exception>
    public static Tensor From(TensorData data, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.DType.Bits() < 8)
            throw new ShapeMismatchException($"Tensors cannot hold {data.DType}, as '{data.Name}' does: elements need at least a byte each.");
        var tensor = Empty(ComputeDevice.Find(device ?? Device.Cpu), data.DType, TensorShape.Of(data.Type.Shape!));
        tensor.Name = data.Name.Length == 0 ? null : data.Name;
        tensor.Compute.Upload(data.Bytes.Span, tensor.Memory);
        return tensor;
    }

    /// <summary>A tensor without axes.</summary>
    public static Tensor Scalar<T>(T value, Device? device = null) where T : unmanaged => From([value], TensorShape.Scalar, device);

    /// <summary>A tensor whose elements are all one number.</summary>
    /// <param name="shape">The extents.</param>
    /// <param name="value">The number, converted to the element type.</param>
    /// <param name="dtype">The element type; default float32.</param>
    /// <param name="device">Where it lives; default: the processor.</param>
    public static Tensor Full(TensorShape shape, double value, DType dtype = DType.Float32, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(shape);
        var tensor = Empty(ComputeDevice.Find(device ?? Device.Cpu), dtype, shape);
        tensor.Fill(value);
        return tensor;
    }

    /// <summary>A tensor of zeros.</summary>
    /// <inheritdoc cref="Full"/>
    public static Tensor Zeros(TensorShape shape, DType dtype = DType.Float32, Device? device = null) => Full(shape, 0, dtype, device);

    /// <summary>A tensor of ones.</summary>
    /// <inheritdoc cref="Full"/>
    public static Tensor Ones(TensorShape shape, DType dtype = DType.Float32, Device? device = null) => Full(shape, 1, dtype, device);

    /// <summary>Zeros of the type and shape of this tensor, beside it.</summary>
    public Tensor ZerosLike() => Full(Shape, 0, DType, Device);

    /// <summary>A copy of the elements as a constant of a model, under the tensor's name.</summary>
    public TensorData ToTensorData() => TensorData.FromBytes(Name ?? "", DType, Shape.LongExtents, ToBytes());

    /// <summary>The elements of an integer tensor, widened.</summary>
    internal long[] ToInt64s() => DType == DType.Int64 ? ToArray<long>() : To(DType.Int64).ToArray<long>();

    internal unsafe Span<byte> WritableBytes() => new(Address, checked((int)DType.ByteLength(Count)));

    /// <summary>A copy of the elements, wherever they are.</summary>
    internal byte[] ToBytes()
    {
        CallRecording.Current?.RequireReadable(this, nameof(ToTensorData));
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)DType.ByteLength(Count)));
        Compute.Download(Memory, bytes);
        return bytes;
    }

    internal void Clear() => Compute.Fill(Memory, (byte)0, checked((int)DType.ByteLength(Count)));

    private void Fill(double value)
    {
        switch (DType)
        {
            case DType.Float32: Fill<float>(value); break;
            case DType.Double: Fill<double>(value); break;
            case DType.Float16: Fill<Half>(value); break;
            case DType.Int64: Fill<long>(value); break;
            case DType.Int32: Fill<int>(value); break;
            case DType.Int16: Fill<short>(value); break;
            case DType.Int8: Fill<sbyte>(value); break;
            case DType.UInt8: Fill<byte>(value); break;
            case DType.UInt16: Fill<ushort>(value); break;
            case DType.UInt32: Fill<uint>(value); break;
            case DType.UInt64: Fill<ulong>(value); break;
            case DType.Bool: Compute.Fill(Memory, value != 0, Count); break;
            default: throw new ShapeMismatchException($"A tensor of {DType} cannot be filled with a number.");
        }
    }

    private void Fill<T>(double value) where T : unmanaged, INumber<T> => Compute.Fill(Memory, T.CreateTruncating(value), Count);
}
