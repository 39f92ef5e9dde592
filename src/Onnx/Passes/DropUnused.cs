namespace Anneal.Onnx.Passes;

/// <summary>
/// Removes what no output needs. Operators have no effect beside their outputs (ONNX IR specification, "Nodes"), so nothing is lost.
/// <list type="number">
/// <item>A node goes when none of its outputs leads to an output of its graph: in the main graph, in bodies of functions and in subgraphs, where
/// a subgraph counts only if the node that holds it is needed.</item>
/// <item>An initializer goes when nothing uses it. It stays when it is an input, which callers feed, or when a quantization annotation names
/// it.</item>
/// <item>A function goes when no node calls it, directly or through other functions.</item>
/// </list>
/// A model that carries training steps is left alone: they name values of the main graph.
/// </summary>
public sealed class DropUnused : IPass
{
    /// <inheritdoc/>
    public string Name => "drop-unused";

    /// <inheritdoc/>
    public bool Run(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Graph[] graphs = [.. Rewritable.Graphs(model)];
        if (graphs.Length == 0)
            return false;
        var needed = new NeededNodes(model.RootGraphs());
        var changed = false;
        foreach (var graph in graphs)
        {
            changed |= graph.RemoveNodes(node => !needed.Contains(node)) > 0;
            changed |= DropInitializers(graph);
        }
        return DropFunctions(model) || changed;
    }

    /// <summary>Rule 2.</summary>
    private static bool DropInitializers(Graph graph)
    {
        var named = graph.QuantizationAnnotations.SelectMany(annotation => annotation.Parameters.Select(parameter => parameter.Value).Append(annotation.TensorName)).ToHashSet();
        Value[] unused = [.. graph.Initializers.Concat(graph.SparseInitializers).Where(value => value.IsUnused && !value.IsInput && !named.Contains(value.Name))];
        foreach (var value in unused)
            graph.SetInitializer(value, null);
        return unused.Length > 0;
    }

    /// <summary>Rule 3.</summary>
    private static bool DropFunctions(Model model)
    {
        var waiting = new Queue<Graph>([model.Graph]);
        var called = new HashSet<Function>();
        var functions = model.Functions.ToLookup(function => Key(function.Domain, function.Name, function.Overload));
        while (waiting.TryDequeue(out var graph))
            foreach (var node in graph.SelfAndSubgraphs().SelectMany(inner => inner.Nodes))
                foreach (var function in functions[Key(node.Domain, node.OpType, node.Overload)])
                    if (called.Add(function))
                        waiting.Enqueue(function.Body);
        Function[] uncalled = [.. model.Functions.Where(function => !called.Contains(function))];
        foreach (var function in uncalled)
            model.Functions.Remove(function);
        return uncalled.Length > 0;
    }

    private static (string Domain, string Name, string Overload) Key(string domain, string name, string overload) => (OperatorSets.Normalise(domain), name, overload);
}
