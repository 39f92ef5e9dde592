using System.Buffers.Binary;
using System.Text;
using Anneal.Onnx;

namespace Anneal.Runtime.Tests;

/// <summary>
/// Writes small ONNX files field by field (numbers from onnx.proto), so that what a session is tested on owes nothing to our own codec.
/// </summary>
internal sealed class TinyModel(int opset = 17, int irVersion = 8)
{
    private readonly ProtoWriter _graph = new();
    private readonly List<(string Key, string Value)> _metadata = [];

    /// <summary>An input; an extent is a number, or a name where it is open.</summary>
    public TinyModel Input(string name, DType dtype, params object[] extents) => Declare(11, name, dtype, extents);

    /// <summary>An output; an extent is a number, or a name where it is open.</summary>
    public TinyModel Output(string name, DType dtype, params object[] extents) => Declare(12, name, dtype, extents);

    /// <summary>An output that is a sequence of tensors.</summary>
    public TinyModel SequenceOutput(string name, DType element)
    {
        var tensor = new ProtoWriter().Message(1, new ProtoWriter().Number(1, (long)element));
        var type = new ProtoWriter().Message(4, new ProtoWriter().Message(1, tensor));
        _graph.Message(12, new ProtoWriter().Text(1, name).Message(2, type));
        return this;
    }

    /// <summary>A node; attributes are long, float, string or long[].</summary>
    public TinyModel Node(string op, string[] inputs, string[] outputs, string name = "", string domain = "", params (string Name, object Value)[] attributes)
    {
        var node = new ProtoWriter();
        foreach (var input in inputs)
            node.Text(1, input);
        foreach (var output in outputs)
            node.Text(2, output);
        node.Text(3, name).Text(4, op);
        foreach (var (attribute, value) in attributes)
            node.Message(5, Attribute(attribute, value));
        if (domain.Length > 0)
            node.Text(7, domain);
        _graph.Message(1, node);
        return this;
    }

    /// <summary>A constant of float32 inside the file.</summary>
    public TinyModel Initializer(string name, ReadOnlySpan<float> values, params long[] shape)
    {
        var bytes = new byte[values.Length * 4];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * 4), values[i]);
        _graph.Message(5, Tensor(name, DType.Float32, shape).Bytes(9, bytes));
        return this;
    }

    /// <summary>A constant of float32 in another file.</summary>
    public TinyModel ExternalInitializer(string name, string location, params long[] shape)
    {
        var entry = new ProtoWriter().Text(1, "location").Text(2, location);
        _graph.Message(5, Tensor(name, DType.Float32, shape).Message(13, entry).Number(14, 1));
        return this;
    }

    public TinyModel Metadata(string key, string value)
    {
        _metadata.Add((key, value));
        return this;
    }

    public byte[] ToBytes()
    {
        var model = new ProtoWriter().Number(1, irVersion).Message(7, new ProtoWriter().Append(_graph).Text(2, "tiny"));
        model.Message(8, new ProtoWriter().Text(1, "").Number(2, opset));
        foreach (var (key, value) in _metadata)
            model.Message(14, new ProtoWriter().Text(1, key).Text(2, value));
        return model.ToBytes();
    }

    public string Save(string path)
    {
        File.WriteAllBytes(path, ToBytes());
        return path;
    }

    private static ProtoWriter Tensor(string name, DType dtype, long[] shape)
    {
        var tensor = new ProtoWriter();
        foreach (var extent in shape)
            tensor.Number(1, extent);
        return tensor.Number(2, (long)dtype).Text(8, name);
    }

    private static ProtoWriter Attribute(string name, object value)
    {
        var attribute = new ProtoWriter().Text(1, name);
        switch (value)
        {
            case long number:
                return attribute.Number(3, number).Number(20, 2);
            case float number:
                return attribute.Single(2, number).Number(20, 1);
            case string text:
                return attribute.Text(4, text).Number(20, 3);
            case long[] numbers:
                foreach (var number in numbers)
                    attribute.Number(8, number);
                return attribute.Number(20, 7);
            default:
                throw new ArgumentException($"No attribute of {value.GetType().Name}.", nameof(value));
        }
    }

    private TinyModel Declare(int field, string name, DType dtype, object[] extents)
    {
        var shape = new ProtoWriter();
        foreach (var extent in extents)
            shape.Message(1, extent is string symbol ? new ProtoWriter().Text(2, symbol) : new ProtoWriter().Number(1, Convert.ToInt64(extent, null)));
        var tensor = new ProtoWriter().Number(1, (long)dtype).Message(2, shape);
        _graph.Message(field, new ProtoWriter().Text(1, name).Message(2, new ProtoWriter().Message(1, tensor)));
        return this;
    }

    /// <summary>Protocol Buffers: a tag, then a varint (0), four bytes (5) or a length and bytes (2).</summary>
    private sealed class ProtoWriter
    {
        private readonly List<byte> _bytes = [];

        public ProtoWriter Number(int field, long value) => Varint((ulong)field << 3).Varint((ulong)value);

        public ProtoWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

        public ProtoWriter Message(int field, ProtoWriter value) => Bytes(field, value.ToBytes());

        public ProtoWriter Single(int field, float value)
        {
            Varint(((ulong)field << 3) | 5);
            _bytes.AddRange(BitConverter.GetBytes(value));
            return this;
        }

        public ProtoWriter Bytes(int field, ReadOnlySpan<byte> value)
        {
            Varint(((ulong)field << 3) | 2).Varint((ulong)value.Length);
            _bytes.AddRange(value);
            return this;
        }

        public ProtoWriter Append(ProtoWriter other)
        {
            _bytes.AddRange(other._bytes);
            return this;
        }

        public byte[] ToBytes() => [.. _bytes];

        private ProtoWriter Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
                _bytes.Add((byte)(value | 0x80));
            _bytes.Add((byte)value);
            return this;
        }
    }
}
