namespace Anneal.Training.Tuning;

/// <summary>The samples of which the classifier was about equally sure.</summary>
/// <param name="Above">The confidence, the probability of the predicted class, that they are above, from 0.</param>
/// <param name="UpTo">The confidence that they reach at most, to 1.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Confidence">Their mean confidence; 0 where there are none.</param>
/// <param name="Accuracy">The share that is right; 0 where there are none.</param>
public sealed record CalibrationBin(double Above, double UpTo, long Count, double Confidence, double Accuracy);
