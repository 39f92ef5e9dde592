namespace Anneal.Bench.Tuning;

/// <summary>What a training came to.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="LastTop1">The share of validation pictures named right after the last epoch.</param>
/// <param name="BestTop1">The same after the best epoch, which is the one that is kept.</param>
/// <param name="ImagesPerSecond">How fast the last epoch learned.</param>
internal sealed record TuningFigure(ulong Seed, double LastTop1, double BestTop1, double ImagesPerSecond);
