namespace Anneal.Training.Nn;

/// <summary>A number for each of the two space axes: <c>3</c> for both, <c>(3, 5)</c> for 3 along H and 5 along W.</summary>
/// <param name="H">Along H, from top to bottom.</param>
/// <param name="W">Along W, from left to right.</param>
public readonly record struct Pair(int H, int W)
{
    /// <summary>The same number for both axes.</summary>
    public static implicit operator Pair(int both) => new(both, both);

    /// <summary>A number for each axis.</summary>
    public static implicit operator Pair((int H, int W) pair) => new(pair.H, pair.W);

    /// <summary><c>3x5</c>.</summary>
    public override string ToString() => $"{H}x{W}";

    internal int[] ToArray() => [H, W];
}
