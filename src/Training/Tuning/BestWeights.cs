namespace Anneal.Training.Tuning;

/// <summary>The best epoch so far.</summary>
/// <param name="Epoch">The epoch, counted from 1.</param>
/// <param name="Weights">The weights of what learned then, by name.</param>
/// <param name="Judgement">What they say of the validation pictures.</param>
internal sealed record BestWeights(int Epoch, IReadOnlyDictionary<string, Tensor> Weights, Judgement Judgement);
