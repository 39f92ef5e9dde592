namespace Anneal.Onnx.Wire;

/// <summary>What a file says about a value in one place: as an input, as an output, or in the list of values.</summary>
internal sealed record ValueDescription(OnnxType? Type, string DocString, Metadata? Metadata, WireTrace Trace);
