using Anneal.Runtime;

namespace Anneal.Cli.Comparison;

/// <summary>Runs two sides on numbers that are drawn from what the model declares: one of each open axis, then two.</summary>
internal static class SeededComparison
{
    public static OutputComparison Run(Side first, Side second, CancellationToken cancellation)
    {
        using var a = first.Open();
        using var b = second.Open();
        RequireSameOutputs(a, b);
        var result = new OutputComparison { Devices = (a.Device, b.Device), Sample = SeededInputs.Draw(a.Inputs, 1) };
        foreach (var extent in a.Inputs.Any(input => input.Shape.Contains(-1)) ? new[] { 1, 2 } : [1])
        {
            var inputs = SeededInputs.Draw(a.Inputs, extent);
            result = result.With(a.Run(inputs, cancellation), b.Run(inputs, cancellation), $"seeded numbers, batch {extent}") with { Inputs = result.Inputs + 1 };
        }
        return result;
    }

    /// <exception cref="IncomparableModelException">The outputs differ in number or name.</exception>
    public static void RequireSameOutputs(IModelSession a, IModelSession b)
    {
        if (!a.Outputs.Select(output => output.Name).SequenceEqual(b.Outputs.Select(output => output.Name)))
            throw new IncomparableModelException($"{a} gives {Names(a)} and {b} gives {Names(b)}: only outputs of the same names can be compared.");
    }

    private static string Names(IModelSession session) => string.Join(", ", session.Outputs.Select(output => $"'{output.Name}'"));
}
