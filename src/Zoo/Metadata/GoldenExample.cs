using Anneal.Onnx;
using Anneal.Runtime;

namespace Anneal.Zoo;

/// <summary>
/// An input that travels in a model file with the answer that it must get: an encoded picture, prepared as the file's card says, or numbers
/// by a formula. Either <see cref="Picture"/> or <see cref="Seed"/> is there, never both.
/// </summary>
/// <remarks>
/// The formula gives element i (counted from 0, row by row, through all inputs in the model's order) of the example with seed s, in
/// unsigned arithmetic modulo 2⁶⁴ (the mixing of SplitMix64: Steele, Lea and Flood, 2014):
/// <code>
/// z = s + (i + 1) · 0x9E3779B97F4A7C15
/// z = (z xor (z >> 30)) · 0xBF58476D1CE4E5B9
/// z = (z xor (z >> 27)) · 0x94D049BB133111EB
/// z =  z xor (z >> 31)
/// x = (z >> 40) / 2²³ − 1
/// </code>
/// x lies in [−1, 1) and is exact in single precision. An input of integers or booleans is 1 where x ≥ 0 and 0 elsewhere.
/// </remarks>
public sealed record GoldenExample
{
    /// <summary>The most bytes that <see cref="Picture"/> may have.</summary>
    public const int LargestPicture = 32 << 10;

    /// <summary>The most numbers that <see cref="Expected"/> may have.</summary>
    public const int MostExpected = 1 << 16;

    /// <summary>A picture file (JPEG, PNG, BMP …) of at most <see cref="LargestPicture"/> bytes; empty when the input is the formula's.</summary>
    public ReadOnlyMemory<byte> Picture { get; init; }

    /// <summary>The seed of the formula, or null when there is a picture.</summary>
    public ulong? Seed { get; init; }

    /// <summary>
    /// The file's first output for this example alone (batch 1), raw, row by row: finite numbers, 1 to <see cref="MostExpected"/> of them.
    /// For a file with a fixed batch: the last row of its first output, the example standing last.
    /// </summary>
    public required IReadOnlyList<float> Expected { get; init; }

    /// <summary>How far an element of the output may be from <see cref="Expected"/>, as an absolute difference: a finite number from 0.</summary>
    public required double Tolerance { get; init; }

    /// <summary>Asks an opened model about a picture and keeps the answer.</summary>
    /// <param name="session">The model.</param>
    /// <param name="card">How the picture is prepared.</param>
    /// <param name="picture">The picture's file, at most <see cref="LargestPicture"/> bytes.</param>
    /// <param name="tolerance">An absolute difference; null for 1e-4 of the largest number in the answer, and no less than 1e-4.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <exception cref="AnnealException">
    /// The picture is too large or cannot be read, the card does not fit the model, or the answer is no list of finite numbers.
    /// </exception>
    public static GoldenExample Create(IModelSession session, ModelCard card, ReadOnlyMemory<byte> picture, double? tolerance = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(card);
        return GoldenMaker.Make(session, card, new() { Picture = picture, Expected = [], Tolerance = 0 }, tolerance, cancellation);
    }

    /// <summary>Asks an opened model about the formula's numbers and keeps the answer.</summary>
    /// <param name="session">The model.</param>
    /// <param name="card">Gives the picture's size where the model leaves it open; null for a model that leaves nothing but the batch open.</param>
    /// <param name="seed">The seed of the formula.</param>
    /// <param name="tolerance">An absolute difference; null for 1e-4 of the largest number in the answer, and no less than 1e-4.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <exception cref="AnnealException">An input has an open extent or a type for which there is no formula, or the answer is no list of finite numbers.</exception>
    public static GoldenExample Create(IModelSession session, ModelCard? card, ulong seed, double? tolerance = null, CancellationToken cancellation = default) =>
        GoldenMaker.Make(session, card, new() { Seed = seed, Expected = [], Tolerance = 0 }, tolerance, cancellation);

    /// <summary>Opens a model in ONNX Runtime on the processor, asks it about a picture and keeps the answer.</summary>
    /// <param name="model">The model as it is now.</param>
    /// <inheritdoc cref="Create(IModelSession, ModelCard, ReadOnlyMemory{byte}, double?, CancellationToken)"/>
    /// <param name="card"/><param name="picture"/><param name="tolerance"/><param name="cancellation"/>
    public static GoldenExample Create(Model model, ModelCard card, ReadOnlyMemory<byte> picture, double? tolerance = null, CancellationToken cancellation = default)
    {
        using var session = GoldenMaker.Open(model);
        return Create(session, card, picture, tolerance, cancellation);
    }

    /// <summary>Opens a model in ONNX Runtime on the processor, asks it about the formula's numbers and keeps the answer.</summary>
    /// <param name="model">The model as it is now.</param>
    /// <inheritdoc cref="Create(IModelSession, ModelCard?, ulong, double?, CancellationToken)"/>
    /// <param name="card"/><param name="seed"/><param name="tolerance"/><param name="cancellation"/>
    public static GoldenExample Create(Model model, ModelCard? card, ulong seed, double? tolerance = null, CancellationToken cancellation = default)
    {
        using var session = GoldenMaker.Open(model);
        return Create(session, card, seed, tolerance, cancellation);
    }
}
