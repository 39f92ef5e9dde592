namespace Anneal.Training.Data;

/// <summary>The numbers from one to another, each as likely.</summary>
/// <param name="Least">The lower bound.</param>
/// <param name="Greatest">The upper bound.</param>
public readonly record struct DrawRange(double Least, double Greatest)
{
    /// <summary>A bound is a number from -bound to bound.</summary>
    public static DrawRange Symmetric(double bound) => new(-bound, bound);

    /// <summary>The number that a uniform number of [0, 1) stands for.</summary>
    public double At(double uniform) => Least + ((Greatest - Least) * uniform);

    /// <summary><c>0.08 to 1</c>.</summary>
    public override string ToString() => $"{Least} to {Greatest}";
}
