using System.Collections;
using Anneal.Onnx.Wire;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Anneal.Onnx.Tests;

/// <summary>
/// Random models as messages, filled by reflection over every field that the format's text names, so that a field the codec forgets shows.
/// Only what a model must keep to be one at all is steered: names are made once, elements fit their dims, attributes hold their kind.
/// </summary>
internal sealed class RandomProto(int seed)
{
    private readonly Random _random = new(seed);
    private int _names;

    public byte[] Model()
    {
        var model = (ModelProto)Fill(new ModelProto(), 0);
        model.Graph ??= (GraphProto)Fill(new GraphProto(), 1);
        return model.ToByteArray();
    }

    private IMessage Fill(IMessage message, int depth)
    {
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            // A union holds one of its fields, so of those most are left out.
            if (_random.Next(field.ContainingOneof is null ? 2 : 3) == 0 || message is TensorProto or AttributeProto)
                continue;
            if (field.FieldType == FieldType.Message && depth > 7)
                continue;
            if (field.IsRepeated)
                for (var i = _random.Next(3); i > 0; i--)
                    ((IList)field.Accessor.GetValue(message)).Add(Content(message, field, depth));
            else
                field.Accessor.SetValue(message, Content(message, field, depth));
        }
        Steer(message, depth);
        if (_random.Next(5) == 0)
            message.MergeFrom(new byte[] { 0xA2, 0x3F, 2, 1, 2 });
        return message;
    }

    private object Content(IMessage message, FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.Message => Fill(field.MessageType.Parser.ParseFrom(ByteString.Empty), depth + 1),
        FieldType.Bytes => IsDefinition(message, field) ? NewName() : Text(),
        FieldType.Int32 => _random.Next(3) == 0 ? 0 : _random.Next(-5, 30),
        _ => _random.Next(3) == 0 ? 0L : _random.NextInt64(-9, long.MaxValue),
    };

    private static bool IsDefinition(IMessage message, FieldDescriptor field) => (message, field.Name) switch
    {
        (NodeProto, "output") or (FunctionProto, "input" or "output") or (ValueInfoProto, "name") => true,
        _ => false,
    };

    private void Steer(IMessage message, int depth)
    {
        switch (message)
        {
            case ValueInfoProto { HasName: false } value: value.Name = NewName(); break;
            case TensorProto tensor: FillTensor(tensor); break;
            case SparseTensorProto sparse: sparse.Values ??= (TensorProto)Fill(new TensorProto(), depth); sparse.Dims.Clear(); sparse.Dims.Add(_random.Next(9)); break;
            case AttributeProto attribute: FillAttribute(attribute, depth); break;
            case GraphProto graph: Repeat(graph); break;
            default: break;
        }
    }

    /// <summary>Describes some values twice, the second time otherwise.</summary>
    private void Repeat(GraphProto graph)
    {
        foreach (var name in graph.Output.Concat(graph.Input).Select(v => v.Name).ToArray())
            if (_random.Next(2) == 0)
            {
                var again = (ValueInfoProto)Fill(new ValueInfoProto(), 5);
                again.Name = name;
                graph.ValueInfo.Add(again);
            }
    }

    private void FillTensor(TensorProto tensor)
    {
        var type = (DType)_random.Next(1, 27);
        var count = _random.Next(6);
        tensor.DataType = (int)type;
        tensor.Dims.Add(count);
        tensor.Name = NewName();
        if (type == DType.String)
            tensor.StringData.AddRange(Enumerable.Range(0, count).Select(_ => Text()));
        else if (_random.Next(2) == 0)
            tensor.RawData = ByteString.CopyFrom(RandomBytes((int)type.ByteLength(count)));
        else if (count > 0)
            TensorCodec.BlocksOf(tensor, TensorLayout.FieldOf(type)).Add(ByteString.CopyFrom(Packed(type, count)));
        if (_random.Next(3) == 0)
            tensor.DocString = Text();
    }

    private byte[] Packed(DType type, int count)
    {
        var entries = (int)TensorLayout.EntryCount(type, count);
        return TensorLayout.FieldOf(type) switch
        {
            TypedField.Float => RandomBytes(entries * 4),
            TypedField.Double => RandomBytes(entries * 8),
            _ => [.. Enumerable.Range(0, entries).SelectMany(_ => _random.Next(2) == 0 ? [(byte)_random.Next(2)] : new byte[] { 0x81, 0 })],
        };
    }

    private void FillAttribute(AttributeProto attribute, int depth)
    {
        var kind = _random.Next(0, 16);
        attribute.Name = Text();
        if (_random.Next(8) > 0)
            attribute.Type = kind;
        if (_random.Next(8) == 0)
        {
            attribute.RefAttrName = Text();
            return;
        }
        var number = kind switch { 1 => 2, 2 => 3, 3 => 4, 4 => 5, 5 => 6, 6 => 7, 7 => 8, 8 => 9, 9 => 10, 10 => 11, 11 => 22, 12 => 23, 13 => 14, _ => 15 };
        var field = AttributeProto.Descriptor.FindFieldByNumber(number);
        if (field.FieldType == FieldType.Message && depth > 6)
            return;
        var content = field.FieldType == FieldType.Float ? (object)(float)_random.Next(-2, 3) : Content(attribute, field, depth);
        if (field.IsRepeated)
            ((IList)field.Accessor.GetValue(attribute)).Add(content);
        else
            field.Accessor.SetValue(attribute, content);
        if (_random.Next(6) == 0)
            attribute.Strings.Add(Text());
    }

    private ByteString NewName() => ByteString.CopyFromUtf8($"v{_names++}");

    private ByteString Text() => _random.Next(6) switch
    {
        0 => ByteString.Empty,
        1 => ByteString.CopyFrom(RandomBytes(3)),
        2 => ByteString.CopyFromUtf8("é𝄞"),
        _ => ByteString.CopyFromUtf8($"t{_random.Next(20)}"),
    };

    private byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }
}
