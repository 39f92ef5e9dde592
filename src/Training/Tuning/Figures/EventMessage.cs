using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Anneal.Training.Tuning;

/// <summary>
/// The few messages of TensorBoard's <c>event.proto</c> and <c>summary.proto</c> that are needed, written field by field: a field is its number
/// and kind, then a number of 7 bits a byte, 8 or 4 bytes, or a length and bytes.
/// </summary>
internal sealed class EventMessage
{
    private const int Varint = 0, EightBytes = 1, Bytes = 2, FourBytes = 5;

    // Of Event.
    private const int WallTime = 1, Step = 2, FileVersion = 3, Summary = 5, SessionLog = 7;

    // Of Summary, its Value, SummaryMetadata and PluginData.
    private const int Value = 1, Tag = 1, SimpleValue = 2, TensorValue = 8, Metadata = 9, PluginData = 1, PluginName = 1;

    // Of TensorProto and TensorShapeProto.
    private const int DataType = 1, TensorShape = 2, StringValue = 8, Dim = 2, Size = 1, StringType = 7;

    // Of SessionLog.
    private const int Status = 1, Started = 1;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>What every file begins with.</summary>
    public static ReadOnlySpan<byte> Version(double seconds) => Event(seconds, 0).Text(FileVersion, "brain.Event:2").Written;

    /// <summary>A training begins or goes on: earlier events of this step and later ones do not count any more.</summary>
    public static ReadOnlySpan<byte> Resumed(double seconds, long step) =>
        Event(seconds, step).Message(SessionLog, new EventMessage().Number(Status, Started)).Written;

    /// <summary>A point of a curve.</summary>
    public static ReadOnlySpan<byte> Scalar(double seconds, long step, string tag, float value) =>
        Event(seconds, step).Message(Summary, new EventMessage().Message(Value, new EventMessage().Text(Tag, tag).Single(SimpleValue, value))).Written;

    /// <summary>A text: a tensor with one string, for the plugin that shows texts.</summary>
    public static ReadOnlySpan<byte> Text(double seconds, long step, string tag, string text)
    {
        var plugin = new EventMessage().Message(PluginData, new EventMessage().Text(PluginName, "text"));
        var shape = new EventMessage().Message(Dim, new EventMessage().Number(Size, 1));
        var tensor = new EventMessage().Number(DataType, StringType).Message(TensorShape, shape).Text(StringValue, text);
        var value = new EventMessage().Text(Tag, $"{tag}/text_summary").Message(TensorValue, tensor).Message(Metadata, plugin);
        return Event(seconds, step).Message(Summary, new EventMessage().Message(Value, value)).Written;
    }

    private ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    private static EventMessage Event(double seconds, long step) => new EventMessage().Double(WallTime, seconds).Number(Step, step);

    private EventMessage Number(int field, long number)
    {
        Key(field, Varint);
        return Raw(unchecked((ulong)number));
    }

    private EventMessage Double(int field, double number)
    {
        Key(field, EightBytes);
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.GetSpan(sizeof(double)), number);
        _bytes.Advance(sizeof(double));
        return this;
    }

    private EventMessage Single(int field, float number)
    {
        Key(field, FourBytes);
        BinaryPrimitives.WriteSingleLittleEndian(_bytes.GetSpan(sizeof(float)), number);
        _bytes.Advance(sizeof(float));
        return this;
    }

    private EventMessage Text(int field, string text) => Block(field, Encoding.UTF8.GetBytes(text));

    private EventMessage Message(int field, EventMessage inner) => Block(field, inner.Written);

    private EventMessage Block(int field, ReadOnlySpan<byte> bytes)
    {
        Key(field, Bytes);
        Raw((ulong)bytes.Length);
        _bytes.Write(bytes);
        return this;
    }

    private void Key(int field, int kind) => Raw(((ulong)field << 3) | (uint)kind);

    private EventMessage Raw(ulong number)
    {
        for (; number >= 0x80; number >>= 7)
            _bytes.Write([(byte)(number | 0x80)]);
        _bytes.Write([(byte)number]);
        return this;
    }
}
