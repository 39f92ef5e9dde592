using Google.Protobuf;

namespace Anneal.Onnx.Wire;

/// <summary>Gives access to the fields that a generated message met and does not know.</summary>
internal interface IKeepsUnknown : IMessage
{
    UnknownFieldSet? Unknown { get; }
}

/// <summary>Carries unknown fields from messages to model parts and back.</summary>
internal static class UnknownFields
{
    public static ReadOnlyMemory<byte> Save(IKeepsUnknown message)
    {
        if (message.Unknown is not { } unknown)
            return default;
        var bytes = new byte[unknown.CalculateSize()];
        using var output = new CodedOutputStream(bytes);
        unknown.WriteTo(output);
        return bytes;
    }

    public static T With<T>(this T message, in WireTrace trace) where T : IKeepsUnknown
    {
        if (!trace.Unknown.IsEmpty)
            message.MergeFrom(trace.Unknown.Span);
        return message;
    }
}
