using System.Buffers;
using Anneal.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Anneal.Runtime;

/// <summary>Our tensors as ONNX Runtime's values and back.</summary>
internal static class OrtTensors
{
    /// <summary>ONNX Runtime numbers the element types as ONNX does, but for the three newest.</summary>
    public static TensorElementType ToOrt(DType dtype) => (TensorElementType)(dtype switch
    {
        DType.UInt2 => 24,
        DType.Int2 => 25,
        DType.Float8E8M0 => 26,
        _ => (int)dtype,
    });

    /// <summary>The element type behind ONNX Runtime's number.</summary>
    public static DType FromOrt(TensorElementType type) => (int)type switch
    {
        24 => DType.UInt2,
        25 => DType.Int2,
        26 => DType.Float8E8M0,
        var same => (DType)same,
    };

    /// <summary>
    /// A value over the tensor's own memory, which stays pinned until the handle is disposed; the value must be disposed first.
    /// Strings are copied: ONNX Runtime keeps them as its own.
    /// </summary>
    public static OrtValue Wrap(NamedTensor tensor, out MemoryHandle pin)
    {
        if (tensor.Storage is TensorMemory<string> strings)
        {
            pin = default;
            return WrapStrings(tensor, strings.Memory.Span);
        }
        pin = tensor.Storage.Pin();
        try
        {
            return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, ToOrt(tensor.DType), tensor.Extents, Address(pin), SizeBytes(tensor));
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    /// <summary>Copies a value that ONNX Runtime owns into a tensor of its own memory.</summary>
    public static NamedTensor Copy(string name, OrtValue value)
    {
        if (!value.IsTensor)
            throw new AnnealException($"Output '{name}' came back as {value.OnnxType}; only tensors are supported.");
        var info = value.GetTensorTypeAndShape();
        if (!info.IsString && value.GetTensorSizeInBytes() > int.MaxValue)
            throw new AnnealException($"Output '{name}' is larger than 2 GiB and cannot be copied out. Pass memory of your own for it.");
        var tensor = NamedTensor.Allocate(name, FromOrt(info.ElementDataType), info.Shape);
        Copy(value, tensor);
        return tensor;
    }

    /// <summary>Copies the elements of a value into a tensor of the same type and shape.</summary>
    public static void Copy(OrtValue value, NamedTensor tensor)
    {
        if (tensor.Storage is TensorMemory<string> strings)
        {
            value.GetStringTensorAsArray().CopyTo(strings.Memory);
            return;
        }
        if (tensor.Storage.Length == 0)
            return;
        using var pin = tensor.Storage.Pin();
        value.GetTensorMutableRawData().CopyTo(Bytes(pin, SizeBytes(tensor)));
    }

    private static OrtValue WrapStrings(NamedTensor tensor, ReadOnlySpan<string> strings)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, tensor.Extents);
        try
        {
            for (var i = 0; i < strings.Length; i++)
                value.StringTensorSetElementAt((strings[i] ?? "").AsSpan(), i);
            return value;
        }
        catch
        {
            value.Dispose();
            throw;
        }
    }

    private static long SizeBytes(NamedTensor tensor) => (long)tensor.Storage.Length * ElementTypes.CarrierOf(tensor.DType).Bytes;

    private static unsafe Span<byte> Bytes(MemoryHandle pin, long length) => new(pin.Pointer, checked((int)length));

    private static unsafe nint Address(MemoryHandle pin) => (nint)pin.Pointer;
}
