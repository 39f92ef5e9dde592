using System.Collections;
using System.Runtime.CompilerServices;

namespace Anneal.Onnx.Ops;

/// <summary>The numbers or strings of one attribute, immutable: <c>Strides = [2, 2]</c>. Equal when all elements are.</summary>
/// <typeparam name="T">long, float or string.</typeparam>
[CollectionBuilder(typeof(AttributeList), nameof(AttributeList.Create))]
public sealed class AttributeList<T> : IReadOnlyList<T>, IEquatable<AttributeList<T>>
{
    private readonly T[] _elements;

    internal AttributeList(ReadOnlySpan<T> elements) => _elements = elements.ToArray();

    /// <inheritdoc/>
    public int Count => _elements.Length;

    /// <inheritdoc/>
    public T this[int index] => _elements[index];

    /// <inheritdoc/>
    public bool Equals(AttributeList<T>? other) => other is not null && _elements.AsSpan().SequenceEqual(other._elements);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AttributeList<T>);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var element in _elements)
            hash.Add(element);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => _elements.AsEnumerable().GetEnumerator();

    /// <summary><c>[2,2]</c>.</summary>
    public override string ToString() => $"[{string.Join(',', _elements)}]";

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Makes attribute lists of collection expressions.</summary>
public static class AttributeList
{
    /// <summary>A list of these elements.</summary>
    public static AttributeList<T> Create<T>(ReadOnlySpan<T> elements) => new(elements);
}
