using Anneal.Training.Data;

namespace Anneal.Training.Tuning;

/// <summary>
/// The features of a dataset's pictures, in its order, read straight from files mapped into memory: <c>table.Loader(options)</c> makes batches of them.
/// Any thread may read, several at once. Dispose it when no loader uses it any more.
/// </summary>
public sealed class FeatureTable : IDataset<FeatureRow>, IDisposable
{
    private readonly IDataset<PictureSample> _pictures;
    private readonly IReadOnlyList<FeatureChunk> _chunks;
    private readonly (FeatureChunk Chunk, int Row)[] _places;
    private readonly int[] _labels;

    internal FeatureTable(
        IDataset<PictureSample> pictures, TensorShape shape, IReadOnlyList<FeatureChunk> chunks, (FeatureChunk Chunk, int Row)[] places, int[] labels, FeatureProgress work)
    {
        (_pictures, Shape, _chunks, _places, _labels, Work) = (pictures, shape, chunks, places, labels, work);
        Encoder = SampleEncoder.From<FeatureRow>(shape, static (row, slot) =>
        {
            row.CopyTo(slot);
            return row.Label;
        });
    }

    /// <inheritdoc/>
    public int Count => _places.Length;

    /// <summary>The shape of one picture's features: [K], [K,1,1], [K,H,W].</summary>
    public TensorShape Shape { get; }

    /// <summary>What was computed for this table, what was there before, and how long it took.</summary>
    public FeatureProgress Work { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? ClassNames => _pictures.ClassNames;

    /// <summary>How a row becomes a model's input: it is copied.</summary>
    public ISampleEncoder<FeatureRow> Encoder { get; }

    /// <inheritdoc/>
    public FeatureRow this[int index] => new(_places[index].Chunk, _places[index].Row, _labels[index]);

    /// <inheritdoc/>
    public int? LabelOf(int index) => _labels[index];

    /// <inheritdoc/>
    public string? NameOf(int index) => _pictures.NameOf(index);

    /// <summary>A loader of the rows.</summary>
    /// <param name="options">Batch size, order, seed; or null for the defaults.</param>
    public DataLoader<FeatureRow> Loader(DataLoaderOptions? options = null) => new(this, Encoder, options);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var chunk in _chunks)
            chunk.Dispose();
    }
}
