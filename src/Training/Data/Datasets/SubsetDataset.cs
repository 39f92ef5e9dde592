using Anneal.Onnx;

namespace Anneal.Training.Data.Datasets;

/// <summary>Some of the samples of a dataset.</summary>
internal sealed class SubsetDataset<T> : IDataset<T>
{
    private readonly IDataset<T> _source;
    private readonly int[] _indices;

    public SubsetDataset(IDataset<T> source, IReadOnlyList<int> indices)
    {
        (_source, _indices) = (source, [.. indices]);
        foreach (var index in _indices)
            if (index < 0 || index >= source.Count)
                throw new AnnealException($"A subset cannot have sample {index}: the dataset has {source.Count} samples, counted from 0.");
    }

    public int Count => _indices.Length;

    public IReadOnlyList<string>? ClassNames => _source.ClassNames;

    public T this[int index] => _source[_indices[index]];

    public int? LabelOf(int index) => _source.LabelOf(_indices[index]);

    public string? NameOf(int index) => _source.NameOf(_indices[index]);

    public string? FileOf(int index) => _source.FileOf(_indices[index]);
}
