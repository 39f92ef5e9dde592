using Anneal.Onnx;

namespace Anneal.Training.Data.Datasets;

/// <summary>Several datasets, one after the other.</summary>
internal sealed class ConcatDataset<T> : IDataset<T>
{
    private readonly IDataset<T>[] _parts;
    private readonly int[] _ends;

    public ConcatDataset(IReadOnlyList<IDataset<T>> parts)
    {
        _parts = [.. parts];
        _ends = new int[_parts.Length];
        for (var i = 0; i < _parts.Length; i++)
        {
            RequireSameClasses(i);
            Count = _ends[i] = checked(Count + _parts[i].Count);
        }
    }

    public int Count { get; }

    public IReadOnlyList<string>? ClassNames => _parts.Length == 0 ? null : _parts[0].ClassNames;

    public T this[int index] => At(index, static (part, i) => part[i]);

    public int? LabelOf(int index) => At(index, static (part, i) => part.LabelOf(i));

    public string? NameOf(int index) => At(index, static (part, i) => part.NameOf(i));

    public string? FileOf(int index) => At(index, static (part, i) => part.FileOf(i));

    private TResult At<TResult>(int index, Func<IDataset<T>, int, TResult> read)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var part = Array.FindIndex(_ends, end => index < end);
        return read(_parts[part], index - (part == 0 ? 0 : _ends[part - 1]));
    }

    private void RequireSameClasses(int part)
    {
        var (first, other) = (ClassNames, _parts[part].ClassNames);
        if (!(first ?? []).SequenceEqual(other ?? []))
            throw new AnnealException(
                $"Datasets that are joined need the same classes in the same order: the first has {Listed(first)}, number {part + 1} has {Listed(other)}.");
    }

    private static string Listed(IReadOnlyList<string>? names) => names is null ? "none" : $"({string.Join(", ", names)})";
}
