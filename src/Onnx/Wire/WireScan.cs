using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Anneal.Onnx.Wire;

/// <summary>
/// Walks a model's bytes before anything is allocated for them: every length lies within its message, nothing is nested too deep, and
/// there are not more parts than the limit. Payloads are stepped over, so a large file costs little; nesting uses no call stack.
/// </summary>
internal sealed class WireScan
{
    private readonly ByteWindow _bytes;
    private readonly OnnxLoadOptions _options;
    private readonly Stack<Frame> _frames = [];
    private long _parts;

    private WireScan(ByteWindow bytes, OnnxLoadOptions options) => (_bytes, _options) = (bytes, options);

    /// <summary>Throws when the bytes are no well-formed message of that kind within the limits.</summary>
    /// <exception cref="InvalidModelException">They are not; the message says at which byte and in which part.</exception>
    public static void Check(ByteWindow bytes, MessageDescriptor message, OnnxLoadOptions options) =>
        new WireScan(bytes, options).Run(message);

    private void Run(MessageDescriptor root)
    {
        Push(new(root.Name, root, 0, _bytes.Length));
        while (_frames.TryPeek(out var frame))
        {
            if (_bytes.Position < frame.End)
                Step(frame);
            else if (frame.GroupField != 0)
                throw Error("a group is not closed");
            else
                _frames.Pop();
        }
    }

    private void Step(Frame frame)
    {
        var tag = ReadVarint(frame);
        var field = (int)(tag >> 3);
        if (tag > uint.MaxValue || field == 0)
            throw Error("there is no field tag");
        switch ((WireFormat.WireType)(tag & 7))
        {
            case WireFormat.WireType.Varint: ReadVarint(frame); break;
            case WireFormat.WireType.Fixed64: Skip(frame, 8); break;
            case WireFormat.WireType.Fixed32: Skip(frame, 4); break;
            case WireFormat.WireType.LengthDelimited: Enter(frame, field); break;
            case WireFormat.WireType.StartGroup: Push(new($"group {field}", null, field, frame.End)); break;
            case WireFormat.WireType.EndGroup when frame.GroupField == field: _frames.Pop(); break;
            default: throw Error("there is a field of no known wire type");
        }
    }

    private void Enter(Frame frame, int field)
    {
        var length = ReadVarint(frame);
        var left = frame.End - _bytes.Position;
        if (length > (ulong)left)
            throw Error($"a field says it is {length} bytes long where {left} are left");
        var known = frame.Message?.FindFieldByNumber(field);
        if (known is { FieldType: FieldType.Message })
            Push(new(known.Name, known.MessageType, 0, _bytes.Position + (long)length));
        else
            CountPart();
        if (known is not { FieldType: FieldType.Message })
            _bytes.Position += (long)length;
    }

    private void Push(Frame frame)
    {
        CountPart();
        if (_frames.Count > _options.MaxNesting)
            throw Error($"parts are nested more than {_options.MaxNesting} deep ({nameof(OnnxLoadOptions)}.{nameof(OnnxLoadOptions.MaxNesting)})");
        _frames.Push(frame);
    }

    private void CountPart()
    {
        if (++_parts > _options.MaxParts)
            throw Error($"there are more than {_options.MaxParts.ToString(CultureInfo.InvariantCulture)} parts ({nameof(OnnxLoadOptions)}.{nameof(OnnxLoadOptions.MaxParts)})");
    }

    private void Skip(Frame frame, int count)
    {
        if (frame.End - _bytes.Position < count)
            throw Error("a number is cut off");
        _bytes.Position += count;
    }

    private ulong ReadVarint(Frame frame)
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_bytes.Position >= frame.End)
                throw Error("a number is cut off");
            var b = _bytes.ReadByte();
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }
        throw Error("a number is longer than 64 bits");
    }

    private InvalidModelException Error(string what)
    {
        var path = string.Join('.', _frames.Reverse().Skip(1).Take(12).Select(f => f.Name));
        return new($"At byte {_bytes.Position} of {_bytes.Length}{(path.Length > 0 ? $", in {path}" : "")}, {what}. The file is truncated, damaged, or of another kind.");
    }

    /// <summary>A message or group that is being walked.</summary>
    private sealed record Frame(string Name, MessageDescriptor? Message, int GroupField, long End);
}
