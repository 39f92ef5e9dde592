using Anneal.Onnx;
using Anneal.Training.Nn;

namespace Anneal.Training.Tuning;

/// <summary>What <see cref="FineTuneOptions.Freeze"/> says.</summary>
internal static class Freezing
{
    public const string Backbone = "backbone";
    public const string None = "none";

    /// <summary>The names of the parameters that learn in the end, the head's among them.</summary>
    /// <param name="freeze">What does not learn.</param>
    /// <param name="head">The model with its new head.</param>
    /// <exception cref="AnnealException">A pattern matches no parameter, or one of the new head.</exception>
    public static HashSet<string> Learners(string freeze, NewHead head)
    {
        if (freeze == Backbone)
            return [.. head.ParameterNames];
        var module = new OnnxModule(head.Model);
        foreach (var pattern in freeze == None ? [] : freeze.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            module.Freeze(pattern);
        HashSet<string> learners = [.. module.NamedParameters().Where(named => named.Parameter.RequiresGrad).Select(named => named.Name)];
        if (head.ParameterNames.FirstOrDefault(name => !learners.Contains(name)) is { } frozen)
            throw new AnnealException($"'{freeze}' freezes '{frozen}', a parameter of the new head, which has learned nothing yet. Freeze parameters before it.");
        return learners;
    }
}
