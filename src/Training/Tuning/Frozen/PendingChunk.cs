namespace Anneal.Training.Tuning;

/// <summary>A file of features in the making: its batches are computed on any thread, in any order.</summary>
internal sealed class PendingChunk(int[] pictures, TensorShape shape, int batchSize)
{
    private readonly Lock _gate = new();
    private float[]? _rows;
    private int _batchesLeft = (pictures.Length + batchSize - 1) / batchSize;

    /// <summary>The numbers of the samples whose features it holds.</summary>
    public int[] Pictures => pictures;

    /// <summary>The shape of a row.</summary>
    public TensorShape Shape => shape;

    /// <summary>The first rows of its batches.</summary>
    public IEnumerable<int> Batches => Enumerable.Range(0, (pictures.Length + batchSize - 1) / batchSize).Select(batch => batch * batchSize);

    /// <summary>The features.</summary>
    public ReadOnlyMemory<float> Rows => _rows;

    /// <summary>Takes a batch's features; whether they were the last that were missing.</summary>
    public bool Fill(int first, ReadOnlySpan<float> features)
    {
        lock (_gate)
        {
            _rows ??= new float[pictures.Length * shape.ElementCount];
            features.CopyTo(_rows.AsSpan(first * shape.ElementCount));
            return --_batchesLeft == 0;
        }
    }

    /// <summary>Lets go of the numbers, which are in the file now.</summary>
    public void Release() => _rows = null;
}
