using Anneal.Onnx;

namespace Anneal.Training.Data;

/// <summary>The beta distribution with two equal parameters, made of two gamma numbers.</summary>
internal sealed class Beta(double alpha)
{
    // An attempt is taken with a probability of 95% or more; so many that are refused in a row have never been seen.
    private const int MostAttempts = 1000;

    public double Alpha { get; } = alpha > 0 && double.IsFinite(alpha)
        ? alpha
        : throw new AnnealException($"The parameter alpha of a beta distribution is {alpha}; it must be over 0.");

    /// <summary>A number from 0 to 1.</summary>
    public double Draw(Draws draws)
    {
        var (first, second) = (LogGamma(draws.For("first")), LogGamma(draws.For("second")));
        // first / (first + second) of the numbers themselves: small parameters make numbers that a double cannot hold.
        return 1 / (1 + Math.Exp(second - first));
    }

    /// <summary>
    /// The logarithm of a gamma number: Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables" (2000). Parameters below 1 are
    /// raised by one and brought back by a power of a uniform number, as in their section 6.
    /// </summary>
    private double LogGamma(Draws draws)
    {
        var isSmall = Alpha < 1;
        var d = (isSmall ? Alpha + 1 : Alpha) - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        var (normals, uniforms) = (draws.For("normal"), draws.For("uniform"));
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var x = normals.Normal(attempt);
            var v = Math.Pow(1 + (c * x), 3);
            if (v > 0 && Math.Log(1 - uniforms.Uniform(attempt)) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v)))
                return Math.Log(d * v) + (isSmall ? Math.Log(1 - draws.For("power").Uniform()) / Alpha : 0);
        }
        throw new AnnealException($"No gamma number was accepted in {MostAttempts} attempts for alpha {Alpha}.");
    }
}
