using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>
/// Whether two models compute the same: both are run in ONNX Runtime on the processor on the same seeded inputs, with open axes bound to 1 and then
/// to 2, and their outputs are held against each other.
/// </summary>
/// <param name="Largest">The largest difference of elements of an output, relative to the largest magnitude in it.</param>
/// <param name="Output">The output that differs most.</param>
public sealed record ModelComparison(double Largest, string Output)
{
    /// <summary>Compares two models.</summary>
    /// <exception cref="InvalidModelException">One of them cannot be run.</exception>
    /// <exception cref="IncomparableModelException">The first model gives other outputs each time, or takes inputs that no numbers are drawn for.</exception>
    /// <exception cref="AnnealException">The outputs differ in name, type or shape.</exception>
    public static ModelComparison Run(ModelSource original, ModelSource changed, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(changed);
        var (engine, options) = (new OrtEngine(), new EngineOptions { Device = Device.Cpu, Spinning = false });
        using var before = engine.Open(original, options);
        using var after = engine.Open(changed, options);
        var worst = new ModelComparison(0, "");
        foreach (var extent in before.Inputs.Any(input => input.Shape.Contains(-1)) ? new[] { 1L, 2 } : [1])
        {
            cancellation.ThrowIfCancellationRequested();
            var inputs = SeededInputs.Draw(before.Inputs, extent);
            var expected = before.Run(inputs, cancellation);
            if (Difference(expected, before.Run(inputs, cancellation)).Largest > 0)
                throw new IncomparableModelException($"{original} gives other outputs each time it is run, so that nothing can be compared with it.");
            worst = Worse(worst, Difference(expected, after.Run(inputs, cancellation)));
        }
        return worst;
    }

    private static ModelComparison Worse(ModelComparison a, ModelComparison b) => b.Largest > a.Largest ? b : a;

    /// <summary>How far outputs are from those that were expected, and in which of them.</summary>
    /// <exception cref="AnnealException">They differ in name, type or shape.</exception>
    internal static ModelComparison Difference(IReadOnlyList<NamedTensor> expected, IReadOnlyList<NamedTensor> found)
    {
        if (!expected.Select(tensor => tensor.ToString()).SequenceEqual(found.Select(tensor => tensor.ToString())))
            throw new AnnealException($"The outputs were {string.Join(", ", expected)} and are {string.Join(", ", found)}.");
        return expected.Zip(found, (a, b) => new ModelComparison(ValueDifference.Between(a, b).Relative, a.Name)).MaxBy(result => result.Largest) ?? new(0, "");
    }
}

/// <summary>A model with which nothing can be compared, be it right or wrong.</summary>
public sealed class IncomparableModelException(string message) : AnnealException(message);
