namespace Anneal.Training.Tuning;

/// <summary>How the loss went as the learning rate grew.</summary>
/// <param name="Points">One for each step.</param>
/// <param name="Suggestion">
/// The rate at which the loss falls most steeply over the logarithm of the rate, before it is least; null where it never falls.
/// </param>
public sealed record LearningRateCurve(IReadOnlyList<LearningRatePoint> Points, double? Suggestion);

/// <summary>One step of the search.</summary>
/// <param name="LearningRate">The learning rate.</param>
/// <param name="Loss">The loss before the step.</param>
/// <param name="Smoothed">The running mean of the losses.</param>
public readonly record struct LearningRatePoint(double LearningRate, double Loss, double Smoothed);
