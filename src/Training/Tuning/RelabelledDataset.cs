using Anneal.Training.Data;

namespace Anneal.Training.Tuning;

/// <summary>A dataset whose classes have the numbers that another one gives to their names.</summary>
internal sealed class RelabelledDataset : IDataset<PictureSample>
{
    private readonly IDataset<PictureSample> _data;
    private readonly int[] _numbers;

    /// <summary>Gives the classes of <paramref name="data"/> the places that their names have in <paramref name="classNames"/>.</summary>
    public RelabelledDataset(IDataset<PictureSample> data, IReadOnlyList<string> classNames)
    {
        (_data, ClassNames) = (data, classNames);
        var places = classNames.Index().ToDictionary(name => name.Item, name => name.Index);
        _numbers = [.. data.ClassNames!.Select(name => places[name])];
    }

    /// <inheritdoc/>
    public int Count => _data.Count;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public PictureSample this[int index]
    {
        get
        {
            var sample = _data[index];
            return new(sample.Picture, _numbers[sample.Label], sample.Source);
        }
    }

    /// <inheritdoc/>
    public int? LabelOf(int index) => _data.LabelOf(index) is { } label ? _numbers[label] : null;

    /// <inheritdoc/>
    public string? NameOf(int index) => _data.NameOf(index);

    /// <inheritdoc/>
    public string? FileOf(int index) => _data.FileOf(index);
}
