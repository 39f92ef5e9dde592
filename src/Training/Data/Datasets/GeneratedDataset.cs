namespace Anneal.Training.Data.Datasets;

/// <summary>Samples that a function makes.</summary>
internal sealed class GeneratedDataset<T>(
    int count, Func<int, T> make, Func<int, int>? labelOf, IReadOnlyList<string>? classNames, Func<int, string>? nameOf) : IDataset<T>
{
    public int Count => count;

    public IReadOnlyList<string>? ClassNames => classNames;

    public T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
            return make(index);
        }
    }

    public int? LabelOf(int index) => labelOf?.Invoke(index);

    public string? NameOf(int index) => nameOf?.Invoke(index);
}
