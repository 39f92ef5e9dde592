namespace Anneal.Onnx.Passes;

/// <summary>Which graphs of a model passes may rewrite, and which values may stand for one another.</summary>
internal static class Rewritable
{
    /// <summary>
    /// The main graph, the bodies of functions, and all their subgraphs; none in a model that carries training steps, because those name values
    /// of the main graph and would lose them.
    /// </summary>
    public static IEnumerable<Graph> Graphs(Model model) => HasTraining(model) ? [] : model.AllGraphs();

    /// <summary>As <see cref="Graphs"/>, without the bodies of functions, of which only a call tells the types.</summary>
    public static IEnumerable<Graph> MainGraphs(Model model) => HasTraining(model) ? [] : model.Graph.SelfAndSubgraphs();

    /// <summary>
    /// Makes everything that uses a value use another of the same content, where the file then still says what it means: an output of a graph
    /// keeps its name and type, is made by a node of that graph and stands in one place only; and no graph in between has a value of that name.
    /// </summary>
    /// <returns>Whether that was possible.</returns>
    public static bool TryReplace(Value value, Value replacement)
    {
        if (value.IsOutput && (replacement.Producer is null || replacement.IsOutput || replacement.Graph != value.Graph || value.OutputOf.Count > 1))
            return false;
        if (IsHidden(value.Uses, replacement.Name, replacement) || (value.IsOutput && IsHidden(replacement.Uses, value.Name, value)))
            return false;
        var (isOutput, type) = (value.IsOutput, value.Type);
        value.Graph!.ReplaceAllUses(value, replacement);
        if (isOutput)
            TakeOver(value, replacement, type);
        return true;
    }

    private static bool HasTraining(Model model) => model.TrainingInfo.Count > 0;

    private static bool IsHidden(IReadOnlyList<Use> uses, string name, Value value) => uses.Any(use => use.Node.Graph!.FindVisible(name) != value);

    /// <summary>What a file says of an output stays with the output.</summary>
    private static void TakeOver(Value value, Value replacement, OnnxType? type)
    {
        GraphCopier.Annotate(value, replacement);
        replacement.Type = type ?? replacement.Type;
    }
}
