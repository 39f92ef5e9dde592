namespace Anneal.Onnx.Wire;

/// <summary>What stood in the file beside the extents of a shape.</summary>
internal sealed record ShapeTrace(WireTrace Shape, DimTrace[] Dims);

/// <summary>What stood in the file beside one extent.</summary>
internal readonly record struct DimTrace(string Denotation, WireTrace Trace);
