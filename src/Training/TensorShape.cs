using System.Collections;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Anneal.Onnx;

namespace Anneal.Training;

/// <summary>
/// The extents of a tensor, outermost first: <c>[N,C,H,W]</c>. There is one object for each shape, so that equal shapes are the same object
/// and a tensor's shape takes no memory of its own.
/// </summary>
[CollectionBuilder(typeof(TensorShape), nameof(Of))]
public sealed class TensorShape : IReadOnlyList<int>
{
    private static readonly ConcurrentDictionary<int[], TensorShape> Known = new(new ExtentsComparer());
    private static readonly ConcurrentDictionary<int[], TensorShape>.AlternateLookup<ReadOnlySpan<int>> Lookup =
        Known.GetAlternateLookup<ReadOnlySpan<int>>();

    private readonly int[] _extents;
    private readonly int[] _strides;
    private readonly long[] _longExtents;

    private TensorShape(int[] extents)
    {
        var count = 1L;
        foreach (var extent in extents)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(extent);
            count = checked(count * extent);
        }
        if (count > int.MaxValue)
            throw new ShapeMismatchException($"A tensor of shape [{string.Join(',', extents)}] has {count} elements; the most is {int.MaxValue}.");
        _extents = extents;
        _strides = Cpu.Strides.Of(extents);
        _longExtents = Array.ConvertAll(extents, extent => (long)extent);
        (ElementCount, Onnx) = ((int)count, Shape.Of(_longExtents));
    }

    /// <summary>The shape of a scalar.</summary>
    public static TensorShape Scalar { get; } = Of(ReadOnlySpan<int>.Empty);

    /// <summary>The number of axes.</summary>
    public int Rank => _extents.Length;

    /// <summary>
    /// The number of elements: the product of the extents, 1 for a scalar. It is not called Count, because the compiler takes that for the number of
    /// extents where a shape is spread: <c>[n, .. shape]</c>.
    /// </summary>
    public int ElementCount { get; }

    /// <summary>The extent of an axis.</summary>
    public int this[int axis] => _extents[axis];

    /// <summary>The extent of an axis, <c>^1</c> being the last.</summary>
    public int this[Index axis] => _extents[axis];

    int IReadOnlyCollection<int>.Count => Rank;

    /// <summary>The extents.</summary>
    public ReadOnlySpan<int> Extents => _extents;

    /// <summary>The extents as ONNX counts them.</summary>
    internal ReadOnlySpan<long> LongExtents => _longExtents;

    /// <summary>How far the next element along each axis is, row-major.</summary>
    internal ReadOnlySpan<int> Strides => _strides;

    /// <summary>The shape as inference writes it.</summary>
    internal Shape Onnx { get; }

    /// <summary>The shape with these extents.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An extent is negative.</exception>
    /// <exception cref="ShapeMismatchException">There are more elements than an int counts.</exception>
    public static TensorShape Of(ReadOnlySpan<int> extents) =>
        Lookup.TryGetValue(extents, out var shape) ? shape : Known.GetOrAdd(extents.ToArray(), static key => new(key));

    /// <summary>The extents of axes from one on, multiplied; <paramref name="end"/> is the axis after the last.</summary>
    public int Product(int start, int end)
    {
        var product = 1;
        for (var axis = start; axis < end; axis++)
            product *= _extents[axis];
        return product;
    }

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)_extents).GetEnumerator();

    /// <summary><c>[8,3,224,224]</c>.</summary>
    public override string ToString() => $"[{string.Join(',', _extents)}]";

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The shape that inference found.</summary>
    /// <exception cref="ShapeMismatchException">An extent is not known, or larger than any tensor's.</exception>
    internal static TensorShape Of(Shape shape)
    {
        Span<int> extents = shape.Rank <= 16 ? stackalloc int[shape.Rank] : new int[shape.Rank];
        for (var axis = 0; axis < extents.Length; axis++)
            extents[axis] = shape[axis] is { IsKnown: true, Value: >= 0 and <= int.MaxValue } dim
                ? (int)dim.Value
                : throw new ShapeMismatchException($"A tensor cannot have the shape {shape}: axis {axis} is no number from 0 to {int.MaxValue}.");
        return Of(extents);
    }

    private sealed class ExtentsComparer : IEqualityComparer<int[]>, IAlternateEqualityComparer<ReadOnlySpan<int>, int[]>
    {
        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<int> alternate, int[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(int[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<int> alternate)
        {
            var hash = alternate.Length;
            foreach (var extent in alternate)
                hash = unchecked((hash * 31) + extent);
            return hash;
        }

        public int[] Create(ReadOnlySpan<int> alternate) => alternate.ToArray();
    }
}
