namespace Anneal.Training.Tuning;

/// <summary>The greatest learning rates of a stage.</summary>
/// <param name="Head">That of the new head.</param>
/// <param name="HeadDecay">The weight decay of the new head.</param>
/// <param name="Body">That of what is before it, from which its thirds go down.</param>
internal readonly record struct StageRates(double Head, double HeadDecay, double Body);
