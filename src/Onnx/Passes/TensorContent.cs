namespace Anneal.Onnx.Passes;

/// <summary>The elements of a tensor as a key: hashed once, and compared in full where hashes agree. Element type and dims are the caller's to compare.</summary>
internal sealed class TensorContent : IEquatable<TensorContent>
{
    private readonly TensorData _tensor;
    private readonly int _hash;

    public TensorContent(TensorData tensor) => (_tensor, _hash) = (tensor, Hash(tensor));

    public bool Equals(TensorContent? other) => other is not null && _hash == other._hash && (ReferenceEquals(_tensor, other._tensor) || HasElementsOf(other._tensor));

    public override bool Equals(object? obj) => Equals(obj as TensorContent);

    public override int GetHashCode() => _hash;

    private bool HasElementsOf(TensorData other) => _tensor.DType == DType.String
        ? _tensor.StringBytes.Zip(other.StringBytes).All(pair => pair.First.Span.SequenceEqual(pair.Second.Span))
        : _tensor.Bytes.Span.SequenceEqual(other.Bytes.Span);

    private static int Hash(TensorData tensor)
    {
        var hash = new HashCode();
        if (tensor.DType != DType.String)
            hash.AddBytes(tensor.Bytes.Span);
        else
            foreach (var element in tensor.StringBytes)
            {
                hash.Add(element.Length);
                hash.AddBytes(element.Span);
            }
        return hash.ToHashCode();
    }
}
