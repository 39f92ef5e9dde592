using System.Buffers;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Anneal.Onnx.Wire;

/// <summary>From bytes to objects: scan, parse, decode. Every error names the file.</summary>
internal static class ModelReader
{
    public static Model Read(string name, ByteWindow window, ReadOnlySequence<byte> bytes, ExternalDataReader external, OnnxLoadOptions options) =>
        Named(name, window, () =>
        {
            var proto = Parse(ModelProto.Parser, ModelProto.Descriptor, window, bytes, options);
            if (proto.Graph is null && proto.Functions.Count == 0)
                throw new InvalidModelException("There is no graph in it.");
            return ModelCodec.Decode(proto, new(external));
        });

    public static TensorData ReadTensor(string name, ByteWindow window, ReadOnlySequence<byte> bytes, ExternalDataReader external, OnnxLoadOptions options) =>
        Named(name, window, () => TensorCodec.Decode(Parse(TensorProto.Parser, TensorProto.Descriptor, window, bytes, options), new(external)));

    private static T Parse<T>(MessageParser<T> parser, MessageDescriptor descriptor, ByteWindow window, ReadOnlySequence<byte> bytes, OnnxLoadOptions options)
        where T : IMessage<T>
    {
        WireScan.Check(window, descriptor, options);
        return parser.ParseFrom(bytes);
    }

    private static T Named<T>(string name, ByteWindow window, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is AnnealException or InvalidProtocolBufferException)
        {
            var head = new byte[Math.Min(FileSignature.Length, window.Length)];
            window.Position = 0;
            for (var i = 0; i < head.Length; i++)
                head[i] = window.ReadByte();
            throw FileSignature.Recognise(head) is { } other
                ? new InvalidModelException($"{name} is no ONNX model: it is {other}.", e)
                : new InvalidModelException($"{name} is no model that can be read. {e.Message}", e);
        }
    }
}
