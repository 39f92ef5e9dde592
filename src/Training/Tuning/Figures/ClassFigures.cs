namespace Anneal.Training.Tuning;

/// <summary>How good a classifier is at one class. What would divide by 0 is 0, as in scikit-learn.</summary>
/// <param name="Name">The class.</param>
/// <param name="Precision">Of the samples that were taken for the class, the share that is of it.</param>
/// <param name="Recall">Of the samples of the class, the share that was taken for it.</param>
/// <param name="Support">How many samples of the class there are.</param>
public sealed record ClassFigures(string Name, double Precision, double Recall, long Support)
{
    /// <summary>The harmonic mean of precision and recall.</summary>
    public double F1 => Precision + Recall == 0 ? 0 : 2 * Precision * Recall / (Precision + Recall);
}
