namespace Anneal.Onnx.Wire;

/// <summary>How a type stood in the file. Always equal to any other, so that types compare by their meaning alone.</summary>
internal readonly struct TypeTrace : IEquatable<TypeTrace>
{
    /// <summary>The outer message's trace.</summary>
    public WireTrace Type { get; init; }

    /// <summary>The trace of the message inside the union.</summary>
    public WireTrace Inner { get; init; }

    public bool Equals(TypeTrace other) => true;

    public override bool Equals(object? obj) => obj is TypeTrace;

    public override int GetHashCode() => 0;
}
