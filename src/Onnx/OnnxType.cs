using Anneal.Onnx.Wire;

namespace Anneal.Onnx;

/// <summary>The type of a value: tensor, sparse tensor, sequence, optional, map or opaque (<c>TypeProto</c>). Immutable.</summary>
public abstract record OnnxType
{
    private protected OnnxType() { }

    /// <summary>What the whole value stands for (<c>IMAGE</c>, <c>AUDIO</c> …), or empty.</summary>
    public string Denotation { get; init; } = "";

    /// <summary>How the type and its inner message stood in the file; no part of its meaning.</summary>
    internal TypeTrace Trace { get; init; }
}

/// <summary>A tensor: element type and, unless even the rank is unknown, shape.</summary>
/// <param name="ElementType">The element type.</param>
/// <param name="Shape">The shape, or null when the rank is unknown.</param>
public sealed record TensorType(DType ElementType, Shape? Shape = null) : OnnxType
{
    /// <summary><c>Float32 [N,3,224,224]</c>.</summary>
    public override string ToString() => Shape is null ? $"{ElementType}" : $"{ElementType} {Shape}";
}

/// <summary>A tensor that is stored sparse: element type and, when known, shape.</summary>
/// <param name="ElementType">The element type.</param>
/// <param name="Shape">The shape, or null when the rank is unknown.</param>
public sealed record SparseTensorType(DType ElementType, Shape? Shape = null) : OnnxType
{
    /// <summary><c>sparse(Float32 [3,4])</c>.</summary>
    public override string ToString() => Shape is null ? $"sparse({ElementType})" : $"sparse({ElementType} {Shape})";
}

/// <summary>A list of values of one type.</summary>
/// <param name="Element">The elements' type, or null when it is not stated.</param>
public sealed record SequenceType(OnnxType? Element) : OnnxType
{
    /// <summary><c>sequence(…)</c>.</summary>
    public override string ToString() => $"sequence({Element?.ToString() ?? "?"})";
}

/// <summary>A value that may be absent.</summary>
/// <param name="Element">The type when present, or null when it is not stated.</param>
public sealed record OptionalType(OnnxType? Element) : OnnxType
{
    /// <summary><c>optional(…)</c>.</summary>
    public override string ToString() => $"optional({Element?.ToString() ?? "?"})";
}

/// <summary>A map.</summary>
/// <param name="Key">The keys' element type: an integer or a string.</param>
/// <param name="Value">The values' type, or null when it is not stated.</param>
public sealed record MapType(DType Key, OnnxType? Value) : OnnxType
{
    /// <summary><c>map(Int64, …)</c>.</summary>
    public override string ToString() => $"map({Key}, {Value?.ToString() ?? "?"})";
}

/// <summary>A type that only its owner understands.</summary>
/// <param name="Domain">Whose type it is.</param>
/// <param name="Name">The type's name in that domain.</param>
public sealed record OpaqueType(string Domain, string Name) : OnnxType
{
    /// <summary><c>opaque(domain, name)</c>.</summary>
    public override string ToString() => $"opaque({Domain}, {Name})";
}

/// <summary>A type of which nothing this library knows is stated; what the file said is kept.</summary>
public sealed record UnstatedType : OnnxType
{
    /// <summary><c>?</c>.</summary>
    public override string ToString() => "?";
}
