using Anneal.Onnx.Checks;

namespace Anneal.Onnx;

/// <summary>
/// Checks models against the rules of ONNX (IR specification and operators) and names every fault with its place and its rule, not only
/// the first. Nothing is changed; no depth of nesting and no number of nodes can exhaust it.
/// </summary>
public static class Checker
{
    /// <summary>After so many faults the rest is only counted: a damaged file can hold millions.</summary>
    public const int MostFaults = 1000;

    private const int MostShown = 20;

    /// <summary>Every rule, in the order of the report.</summary>
    public static IReadOnlyList<CheckRule> Rules => CheckRules.All;

    /// <summary>The model's faults: those of the model itself, then graph by graph in file order. None when all is well.</summary>
    public static IReadOnlyList<Fault> Check(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var report = new FaultReport();
        new ModelCheck(model, report).Run();
        InferenceCheck.Run(model, report);
        return report.Faults;
    }

    /// <summary>Does nothing when a model has no error; warnings are allowed.</summary>
    /// <exception cref="InvalidModelException">It has errors; the message lists the first 20 and says how many there are.</exception>
    public static void Require(Model model)
    {
        Fault[] errors = [.. Check(model).Where(fault => fault.Severity == FaultSeverity.Error)];
        if (errors.Length == 0)
            return;
        var shown = errors.Take(MostShown).Select(fault => $"{Environment.NewLine}  {fault.Where}: {fault.Message} ({fault.Rule.Name})");
        var more = errors.Length > MostShown ? $"{Environment.NewLine}  and {errors.Length - MostShown} more" : "";
        throw new InvalidModelException($"Model '{FaultReport.Clip(model.Graph.Name)}' breaks the rules of ONNX {errors.Length} times:{string.Concat(shown)}{more}");
    }
}
