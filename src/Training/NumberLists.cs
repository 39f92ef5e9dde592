using System.Collections.Concurrent;

namespace Anneal.Training;

/// <summary>
/// Short lists of integers as tensors: shapes, axes, indices. Tensors never change, so one tensor serves everybody who needs the same list, and a loop
/// that repeats itself makes none. Lists that differ each time do not crowd the memory: after so many, no more are kept.
/// </summary>
internal static class NumberLists
{
    private const int Longest = 16;
    private const int Most = 1 << 12;

    private static readonly ConcurrentDictionary<long[], Tensor> Known = new(new ListComparer());
    private static readonly ConcurrentDictionary<long[], Tensor>.AlternateLookup<ReadOnlySpan<long>> Lookup = Known.GetAlternateLookup<ReadOnlySpan<long>>();

    /// <summary>The tensor of a list; a new one each time when it is long or there are too many.</summary>
    public static Tensor Of(ReadOnlySpan<long> numbers) => Find(numbers) ?? Tensor.From(numbers, [numbers.Length]);

    /// <summary>The one tensor that stands for a list: equal lists have the same. Null when the list is not kept.</summary>
    public static Tensor? Find(ReadOnlySpan<long> numbers) =>
        numbers.Length > Longest ? null
        : Lookup.TryGetValue(numbers, out var tensor) ? tensor
        : Known.Count >= Most ? null
        : Known.GetOrAdd(numbers.ToArray(), static key => Create(key));

    private static Tensor Create(long[] numbers)
    {
        var tensor = Tensor.From(numbers, [numbers.Length]).Keep();
        tensor.MoveTo(null);
        return tensor;
    }

    private sealed class ListComparer : IEqualityComparer<long[]>, IAlternateEqualityComparer<ReadOnlySpan<long>, long[]>
    {
        public bool Equals(long[]? x, long[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<long> alternate, long[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(long[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<long> alternate)
        {
            var hash = (long)alternate.Length;
            foreach (var number in alternate)
                hash = unchecked((hash * 31) + number);
            return hash.GetHashCode();
        }

        public long[] Create(ReadOnlySpan<long> alternate) => alternate.ToArray();
    }
}
