namespace Anneal.Training.Data.Datasets;

/// <summary>Every sample of a dataset turned into another.</summary>
internal sealed class MappedDataset<T, TResult>(IDataset<T> source, Func<T, TResult> map) : IDataset<TResult>
{
    public int Count => source.Count;

    public IReadOnlyList<string>? ClassNames => source.ClassNames;

    public TResult this[int index] => map(source[index]);

    public int? LabelOf(int index) => source.LabelOf(index);

    public string? NameOf(int index) => source.NameOf(index);
}
