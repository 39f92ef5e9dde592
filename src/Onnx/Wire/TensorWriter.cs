using Google.Protobuf;

namespace Anneal.Onnx.Wire;

/// <summary>A single tensor as the bytes of a <c>TensorProto</c>.</summary>
internal static class TensorWriter
{
    public static void Write(TensorData tensor, Stream stream) => Encode(tensor).WriteTo(stream);

    public static byte[] ToBytes(TensorData tensor) => Encode(tensor).ToByteArray();

    private static TensorProto Encode(TensorData tensor) => TensorCodec.Encode(tensor, tensor.Name, new(null));
}
