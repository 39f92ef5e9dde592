namespace Anneal.Training.Tuning;

/// <summary>The features of one picture in a <see cref="FeatureTable"/>.</summary>
public readonly struct FeatureRow
{
    private readonly FeatureChunk _chunk;
    private readonly int _row;

    internal FeatureRow(FeatureChunk chunk, int row, int label) => (_chunk, _row, Label) = (chunk, row, label);

    /// <summary>The class of the picture, counted from 0.</summary>
    public int Label { get; }

    /// <summary>Copies the numbers.</summary>
    /// <param name="destination">At least as many as the table's shape counts.</param>
    /// <exception cref="ObjectDisposedException">The table was disposed.</exception>
    public void CopyTo(Span<float> destination) => _chunk.CopyTo(_row, destination);
}
