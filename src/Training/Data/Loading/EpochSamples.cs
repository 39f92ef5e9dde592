namespace Anneal.Training.Data.Loading;

/// <summary>The samples of an epoch in their order, each with its own random numbers.</summary>
internal sealed class EpochSamples<T>
{
    private readonly DataLoader<T> _loader;
    private readonly int[] _order;
    private readonly int[] _repeats;
    private readonly Draws _sampleDraws;
    private readonly Draws _batchDraws;

    public EpochSamples(DataLoader<T> loader, int epoch)
    {
        (_loader, Epoch, _order) = (loader, epoch, loader.Order(epoch));
        _repeats = Repeats(_order);
        var draws = new Draws(loader.Options.Seed);
        (_sampleDraws, _batchDraws) = (draws.For("sample").At(epoch), draws.For("batch").At(epoch));
    }

    public int Epoch { get; }

    public int BatchCount => _loader.BatchCount;

    public TensorShape Shape => _loader.Encoder.Shape;

    public BatchMix? Mix => _loader.Options.Mix;

    /// <summary>The numbers of a batch's samples in the dataset.</summary>
    public int[] Batch(int number)
    {
        var first = number * _loader.Options.BatchSize;
        return _order[first..Math.Min(first + _loader.Options.BatchSize, _order.Length)];
    }

    /// <summary>The random numbers of a batch as a whole.</summary>
    public Draws BatchDraws(int number) => _batchDraws.At(number);

    /// <summary>Reads and encodes a sample; gives its class.</summary>
    public long Encode(int batch, int row, Span<float> slot)
    {
        var place = (batch * _loader.Options.BatchSize) + row;
        var sample = _loader.Dataset[_order[place]];
        try
        {
            return _loader.Encoder.Encode(sample, slot, _sampleDraws.At(_order[place]).At(_repeats[place]));
        }
        finally
        {
            (sample as IDisposable)?.Dispose();
        }
    }

    /// <summary>What the dataset calls a sample; null for one without a name.</summary>
    public string? NameOf(int index) => _loader.Dataset.NameOf(index);

    // A sample that comes twice in an epoch is augmented differently.
    private static int[] Repeats(int[] order)
    {
        var seen = new Dictionary<int, int>();
        return Array.ConvertAll(order, index => seen[index] = seen.TryGetValue(index, out var before) ? before + 1 : 0);
    }
}
