using Anneal.Onnx.Wire;

namespace Anneal.Onnx;

/// <summary>
/// A part of a model that remembers how it was written: fields that this library does not know, and fields that were written although
/// they hold their default. Both are written back, so that loading and saving loses nothing.
/// </summary>
public abstract class ModelPart
{
    internal WireTrace Trace;

    private protected ModelPart() { }

    /// <summary>Whether the part holds fields that this library does not know; they survive loading and saving.</summary>
    public bool HasUnknownFields => !Trace.Unknown.IsEmpty;
}

/// <summary>A part of a model that can be documented and carry metadata.</summary>
public abstract class Annotated : ModelPart
{
    private Metadata? _metadata;

    private protected Annotated() { }

    /// <summary>Text for people, Markdown by convention; empty when there is none.</summary>
    public string DocString { get; set; } = "";

    /// <summary>Named strings, in file order.</summary>
    public Metadata Metadata => _metadata ??= new();

    internal bool HasMetadata => _metadata is { Count: > 0 };
}
