namespace Anneal.Bench.Cifar;

/// <summary>What a training came to.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Accuracy">The share of the test pictures that are right after the last epoch.</param>
/// <param name="SecondsPerEpoch">The mean time of an epoch, tests not counted.</param>
internal sealed record CifarResult(int Seed, double Accuracy, double SecondsPerEpoch);
