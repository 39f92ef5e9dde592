namespace Anneal.Training.Cpu;

/// <summary>A matrix [rows, columns] of which each row holds few numbers, the taps: what weighted sums of neighbours are made of.</summary>
internal sealed class TapMatrix
{
    private readonly int[] _starts;
    private readonly int[] _taps;
    private readonly double[] _weights;
    private TapMatrix? _transposed;

    private TapMatrix(int columns, int[] starts, int[] taps, double[] weights) => (Columns, _starts, _taps, _weights) = (columns, starts, taps, weights);

    public int Rows => _starts.Length - 1;

    public int Columns { get; }

    /// <summary>A matrix of the taps of each row.</summary>
    public static TapMatrix Of(int columns, IReadOnlyList<IReadOnlyList<(int Column, double Weight)>> rows)
    {
        var starts = new int[rows.Count + 1];
        for (var row = 0; row < rows.Count; row++)
            starts[row + 1] = starts[row] + rows[row].Count;
        return new(columns, starts, [.. rows.SelectMany(row => row.Select(tap => tap.Column))], [.. rows.SelectMany(row => row.Select(tap => tap.Weight))]);
    }

    /// <summary>Where the taps of each row begin among all; one more number says where the last row's end.</summary>
    public ReadOnlySpan<int> Starts => _starts;

    /// <summary>The columns of all taps, row after row.</summary>
    public ReadOnlySpan<int> Taps => _taps;

    /// <summary>What all taps weigh, row after row.</summary>
    public ReadOnlySpan<double> Weights => _weights;

    /// <summary>The columns of a row's taps.</summary>
    public ReadOnlySpan<int> TapsOf(int row) => _taps.AsSpan(_starts[row].._starts[row + 1]);

    /// <summary>What a row's taps weigh.</summary>
    public ReadOnlySpan<double> WeightsOf(int row) => _weights.AsSpan(_starts[row].._starts[row + 1]);

    /// <summary>Rows and columns exchanged, made once; the taps of each row in ascending order.</summary>
    public TapMatrix Transposed => _transposed ??= Transpose();

    private TapMatrix Transpose()
    {
        var starts = new int[Columns + 1];
        foreach (var column in _taps)
            starts[column + 1]++;
        for (var column = 0; column < Columns; column++)
            starts[column + 1] += starts[column];
        var (next, taps, weights) = (starts.ToArray(), new int[_taps.Length], new double[_taps.Length]);
        for (var row = 0; row < Rows; row++)
            for (var i = _starts[row]; i < _starts[row + 1]; i++)
            {
                var to = next[_taps[i]]++;
                (taps[to], weights[to]) = (row, _weights[i]);
            }
        return new(Rows, starts, taps, weights) { _transposed = this };
    }
}
