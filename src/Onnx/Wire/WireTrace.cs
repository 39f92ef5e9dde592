namespace Anneal.Onnx.Wire;

/// <summary>What the typed properties of a model part cannot say about how it stood in the file.</summary>
internal struct WireTrace
{
    private uint _writtenDefaults;

    /// <summary>Fields that the format's text in this assembly does not name, as they stood in the file.</summary>
    public ReadOnlyMemory<byte> Unknown { get; set; }

    /// <summary>Remembers that a field (number below 32) was written although it held its default.</summary>
    public void MarkWritten(int field) => _writtenDefaults |= 1u << field;

    /// <summary>Whether a field that holds its default was written all the same.</summary>
    public readonly bool Wrote(int field) => (_writtenDefaults & (1u << field)) != 0;

    /// <summary>Whether to write this text: it says something, or an empty text stood in the file.</summary>
    public readonly bool Keeps(int field, string value) => value.Length > 0 || Wrote(field);

    /// <summary>Whether to write this number: it is not zero, or a zero stood in the file.</summary>
    public readonly bool Keeps(int field, long value) => value != 0 || Wrote(field);

    /// <summary>The number, remembered as written when it is a zero that stood in the file.</summary>
    public long Take(int field, bool present, long value)
    {
        if (present && value == 0)
            MarkWritten(field);
        return value;
    }

    /// <summary>The text, remembered as written when it is an empty one that stood in the file.</summary>
    public string Take(int field, bool present, Google.Protobuf.ByteString value)
    {
        if (present && value.IsEmpty)
            MarkWritten(field);
        return WireText.Decode(value.Span);
    }
}
