using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes.Inlining;

namespace Anneal.Onnx.Passes;

/// <summary>
/// Replaces calls of a model's own functions by what the functions do (ONNX IR specification, "Functions"), in the main graph and its subgraphs.
/// <list type="number">
/// <item>A node that calls a function becomes the nodes of the function's body, calls among them included. Their values and names are
/// <c>call/inner</c>; the outputs keep the names that they have where the call stands.</item>
/// <item>Where a node of the body refers to an attribute of the function, it gets what the call states, else the function's default; where
/// there is neither it gets none.</item>
/// <item>An input that the call leaves out is left out inside too; an output that it leaves out is made and not used. A call with more inputs or
/// outputs than its function has is refused.</item>
/// <item>The operator sets that the nodes come from must be the model's. One that the model lacks is added; one of another version is accepted
/// where no operator used from it changed between the two versions, and refused otherwise.</item>
/// <item>Functions that nothing calls any more are removed. (A file of functions without a graph keeps them all.)</item>
/// <item>A function that calls itself is refused, and so are calls that would make more than <see cref="MostParts"/> parts or nest subgraphs
/// deeper than <see cref="GraphFacts.MostNesting"/>.</item>
/// </list>
/// </summary>
public sealed class InlineFunctions : IPass
{
    /// <summary>
    /// How many nodes, inputs, outputs and attributes a graph may have, together, when all calls are replaced. Thirty functions that each call the
    /// one before twice make a billion nodes out of a small file.
    /// </summary>
    public const int MostParts = 1_000_000;

    /// <inheritdoc/>
    public string Name => "inline-functions";

    /// <inheritdoc/>
    public bool Run(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Functions.Count == 0 || model.GraphIsImplied)
            return false;
        var calls = new FunctionCalls(model);
        RequireLimits(model.Graph, calls);
        var changed = new FunctionInliner(model, calls).Run();
        return RemoveUncalled(model, calls) || changed;
    }

    /// <summary>Rule 6.</summary>
    private static void RequireLimits(Graph graph, FunctionCalls calls)
    {
        var bulk = calls.Measure(graph);
        if (bulk.Parts > MostParts)
            throw new InvalidModelException($"Graph '{graph.Name}' would have {(bulk.Parts >= long.MaxValue / 2 ? "more" : bulk.Parts)} parts (nodes, their inputs, outputs and attributes) with its function calls replaced; {MostParts} is the limit.");
        if (bulk.Nesting > GraphFacts.MostNesting)
            throw new InvalidModelException($"Graph '{graph.Name}' would have subgraphs nested {bulk.Nesting} deep with its function calls replaced; {GraphFacts.MostNesting} is the limit.");
    }

    /// <summary>Rule 5.</summary>
    private static bool RemoveUncalled(Model model, FunctionCalls calls)
    {
        var called = calls.Reached(model.RootGraphs().Except(model.Functions.Select(function => function.Body)));
        Function[] uncalled = [.. model.Functions.Where(function => !called.Contains(function))];
        foreach (var function in uncalled)
            model.Functions.Remove(function);
        return uncalled.Length > 0;
    }
}
