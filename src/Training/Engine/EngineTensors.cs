using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Training.Devices;

namespace Anneal.Training;

/// <summary>Between the tensors that callers and files have and those that kernels run on, which lie in the memory of a device's pool.</summary>
internal static class EngineTensors
{
    /// <summary>Whether tensors can hold an element type.</summary>
    public static bool Holds(DType dtype) => dtype.IsKnown() && dtype.Bits() >= 8;

    /// <summary>A copy of a caller's tensor on a device, which belongs to the scope of the run.</summary>
    public static Tensor Enter(NamedTensor tensor, Device device)
    {
        if (device.Kind is not DeviceKind.Cpu)
            return Tensor.From(TensorConversion.ToData(tensor), device);
        var copy = Tensor.Empty(ComputeDevice.Cpu, tensor.DType, TensorShape.Of(Shape.Of(tensor.Shape)));
        Copy(tensor, copy.WritableBytes());
        return copy;
    }

    /// <summary>A copy of a model's constant on a device, which belongs to no scope.</summary>
    public static Tensor Enter(TensorData data, Device device)
    {
        var tensor = Tensor.From(data, device);
        tensor.MoveTo(null);
        return tensor;
    }

    /// <summary>A caller's memory for an output, as a block that a kernel may write; to be released.</summary>
    public static LentMemory Lend(NamedTensor output) => new(output.Storage.Pin(), output.DType.ByteLength(TensorShape.Of(Shape.Of(output.Shape)).ElementCount));

    /// <summary>An output in memory of its own.</summary>
    public static NamedTensor Leave(string name, Tensor tensor)
    {
        if (tensor.Device.Kind is not DeviceKind.Cpu)
            return TensorConversion.ToNamed(name, tensor.ToTensorData());
        var output = NamedTensor.Allocate(name, tensor.DType, tensor.Shape.LongExtents);
        Copy(tensor.WritableBytes(), output);
        return output;
    }

    /// <summary>Copies an output into a caller's tensor of the same type and shape.</summary>
    public static void Leave(Tensor tensor, NamedTensor target)
    {
        if (tensor.Device.Kind is DeviceKind.Cpu)
            Copy(tensor.WritableBytes(), target);
        else
            Leave(target.Name, tensor).Storage.CopyTo(target.Storage);
    }

    private static unsafe void Copy(NamedTensor from, Span<byte> to)
    {
        using var pin = from.Storage.Pin();
        new ReadOnlySpan<byte>(pin.Pointer, to.Length).CopyTo(to);
    }

    private static unsafe void Copy(ReadOnlySpan<byte> from, NamedTensor to)
    {
        using var pin = to.Storage.Pin();
        from.CopyTo(new(pin.Pointer, from.Length));
    }
}
