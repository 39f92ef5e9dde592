namespace Anneal.Onnx.Wire;

/// <summary>A tensor's elements in the form in which they stood in the file.</summary>
internal sealed record TensorElements(TensorStorage Storage)
{
    public ReadOnlyMemory<byte> Bytes { get; init; }

    public TypedElements? Typed { get; init; }

    public ReadOnlyMemory<byte>[]? Strings { get; init; }

    public ExternalLocation? External { get; init; }
}
