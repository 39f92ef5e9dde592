using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes.Upgrading;

/// <summary>Takes a graph and its subgraphs from one version of ONNX's own operator set to another, node after node.</summary>
/// <param name="from">The version that the graph is of.</param>
/// <param name="target">The version that it is to be of.</param>
/// <param name="holdsInitializers">Whether new constants may be initializers.</param>
/// <param name="ownFunctions">Names under ONNX's own domain that the model defines itself.</param>
internal sealed class GraphUpgrade(int from, int target, bool holdsInitializers, IReadOnlySet<string> ownFunctions)
{
    // What nodes before the one at hand are known to give: some steps need types and ranks.
    private readonly GraphFacts _facts = GraphFacts.ToBeTold();
    private int _nesting;

    /// <summary>The version to reach.</summary>
    public int Target => target;

    /// <summary>Whether new constants may be initializers.</summary>
    public bool HoldsInitializers => holdsInitializers;

    /// <summary>Adds a constant to a graph.</summary>
    public Value AddInitializer(Graph graph, TensorData tensor)
    {
        var value = graph.AddInitializer(tensor);
        _facts.Take(value);
        return value;
    }

    /// <summary>What is known of a value.</summary>
    public Fact FactOf(Value value) => _facts[value];

    /// <summary>Upgrades a graph and all subgraphs below it.</summary>
    public void Run(Graph graph)
    {
        if (_nesting > GraphFacts.MostNesting)
            throw new InvalidModelException($"{graph.Owner?.Title}: subgraphs are nested more than {GraphFacts.MostNesting} deep.");
        _facts.Enter(graph);
        foreach (var node in graph.Nodes.ToArray())
            Run(node, graph);
    }

    private void Run(Node node, Graph graph)
    {
        _nesting++;
        foreach (var subgraph in node.Subgraphs)
            Run(subgraph);
        _nesting--;
        var upgrade = new NodeUpgrade(node, graph, this);
        if (UpgradePart.IsOwn(node) && !ownFunctions.Contains(node.OpType))
            Step(upgrade);
        foreach (var made in upgrade.Made)
            Learn(made);
    }

    private void Step(NodeUpgrade upgrade)
    {
        if (!UpgradeTable.Knows(upgrade.OpType))
            throw new AnnealException($"{upgrade.Title}: what the versions of {upgrade.OpType} after operator set {from} changed is not known here, so the node cannot be taken to operator set {target}. Export the model for operator set {target}.");
        if (UpgradeTable.FirstVersion(upgrade.OpType) > from)
            throw new AnnealException($"{upgrade.Title}: operator set {from} has no {upgrade.OpType}; version {UpgradeTable.FirstVersion(upgrade.OpType)} is its first. Correct the model's operator set.");
        if (UpgradeTable.IsWithdrawn(upgrade.OpType, from))
            throw new AnnealException($"{upgrade.Title}: operator set {from} has no {upgrade.OpType} any more. Correct the model's operator set, or export the model anew.");
        for (var version = from + 1; version <= target; version++)
        {
            upgrade.Version = version;
            if (UpgradeTable.Step(upgrade.OpType, version) is not { } step)
                continue;
            RequireWhole(upgrade);
            step(upgrade);
        }
    }

    /// <summary>Every operator that a step rewrites gives something, and all but Scan take something first.</summary>
    private static void RequireWhole(NodeUpgrade upgrade)
    {
        if (upgrade.Node.Output(0) is null)
            throw upgrade.Refuse("it has no first output");
        if (upgrade.Node.Inputs.Count == 0 || (upgrade.Node.Inputs[0] is null && upgrade.OpType != nameof(Scan)))
            throw upgrade.Refuse("it has no first input");
    }

    /// <summary>Infers a node where the form that it has by now is the current one too.</summary>
    private void Learn(Node node)
    {
        if (UpgradePart.IsOwn(node) && !UpgradeTable.IsCurrentSince(node.OpType, target))
            return;
        try
        {
            _facts.Visit(node);
        }
        catch (AnnealException)
        {
            // Whether nodes fit their inputs is not judged here: one in a branch that is never taken need not, and attributes in the body of
            // a function may wait for its caller. Nothing is known then of what it gives, and a step that has to know refuses.
        }
    }
}
