namespace Anneal.Onnx.Passes;

/// <summary>Runs passes over a model, in order, again and again until none of them changes anything.</summary>
public sealed class Optimizer
{
    // Each pass only ever makes a graph smaller or says more of it, so a handful of rounds is enough; more means that two passes undo each other.
    private const int MostRounds = 20;

    private readonly IReadOnlyList<IPass> _passes;

    /// <summary>An optimizer of these passes.</summary>
    public Optimizer(params IEnumerable<IPass> passes) => _passes = [.. passes];

    /// <summary>Rewrites a model in place.</summary>
    /// <returns>What each pass did, in the order in which the passes ran; those that changed nothing are left out.</returns>
    /// <exception cref="AnnealException">A pass failed, which the message names with the passes before it; or the passes never come to rest.</exception>
    public IReadOnlyList<PassResult> Run(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var results = new List<PassResult>();
        for (var round = 1; round <= MostRounds; round++)
        {
            var before = results.Count;
            foreach (var pass in _passes)
                if (Run(pass, model, results) is { } result)
                    results.Add(result);
            if (results.Count == before)
                return results;
        }
        throw new AnnealException($"The passes {string.Join(", ", _passes.Select(p => p.Name))} still change the model after {MostRounds} rounds: two of them undo each other.");
    }

    private static PassResult? Run(IPass pass, Model model, List<PassResult> done)
    {
        var nodes = CountNodes(model);
        try
        {
            return pass.Run(model) ? new(pass.Name, nodes, CountNodes(model)) : null;
        }
        catch (AnnealException e)
        {
            var after = done.Count == 0 ? "" : $" after {string.Join(", ", done.Select(r => r.Pass))}";
            throw new AnnealException($"Pass {pass.Name} failed{after}: {e.Message}", e);
        }
    }

    private static int CountNodes(Model model) => model.AllGraphs().Sum(graph => graph.Nodes.Count);
}

/// <summary>What one run of a pass did.</summary>
/// <param name="Pass">The pass's name.</param>
/// <param name="NodesBefore">How many nodes the model had before, in all graphs.</param>
/// <param name="NodesAfter">How many it has after.</param>
public sealed record PassResult(string Pass, int NodesBefore, int NodesAfter);
