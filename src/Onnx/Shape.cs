using System.Collections;
using Anneal.Onnx.Wire;

namespace Anneal.Onnx;

/// <summary>A shape of known rank, extents outermost first, each known, symbolic or unknown. Immutable; equal when all extents are.</summary>
public sealed class Shape : IReadOnlyList<Dim>, IEquatable<Shape>
{
    private readonly Dim[] _dims;

    /// <summary>A shape: <c>new("N", 3, 224, 224)</c>.</summary>
    public Shape(params ReadOnlySpan<Dim> dims) => _dims = dims.ToArray();

    /// <summary>The shape of a scalar.</summary>
    public static Shape Scalar { get; } = new();

    /// <summary>The number of extents.</summary>
    public int Rank => _dims.Length;

    /// <inheritdoc/>
    public Dim this[int index] => _dims[index];

    /// <summary>Whether every extent is a known number.</summary>
    public bool IsStatic => Array.TrueForAll(_dims, d => d.IsKnown);

    int IReadOnlyCollection<Dim>.Count => _dims.Length;

    /// <summary>What stood in the file beside the extents: denotations and unknown fields.</summary>
    internal ShapeTrace? Trace { get; init; }

    /// <summary>A shape of known extents.</summary>
    public static Shape Of(params ReadOnlySpan<long> extents)
    {
        var dims = new Dim[extents.Length];
        for (var i = 0; i < dims.Length; i++)
            dims[i] = extents[i];
        return new(dims);
    }

    /// <summary>The extents as numbers.</summary>
    /// <exception cref="ShapeMismatchException">An extent is not known.</exception>
    public long[] ToExtents() => IsStatic
        ? Array.ConvertAll(_dims, d => d.Value)
        : throw new ShapeMismatchException($"Shape {this} has extents that are not known; give them numbers first.");

    /// <summary>What an axis stands for (<c>DATA_BATCH</c>, <c>DATA_CHANNEL</c> …), or empty.</summary>
    public string Denotation(int axis) => Trace?.Dims[axis].Denotation ?? "";

    /// <inheritdoc/>
    public bool Equals(Shape? other) => other is not null && _dims.AsSpan().SequenceEqual(other._dims);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var dim in _dims)
            hash.Add(dim);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<Dim> GetEnumerator() => _dims.AsEnumerable().GetEnumerator();

    /// <summary><c>[N,3,224,224]</c>; an unknown extent is <c>?</c>.</summary>
    public override string ToString() => $"[{string.Join(',', _dims)}]";

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
