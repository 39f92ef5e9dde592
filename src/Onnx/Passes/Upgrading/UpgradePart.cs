using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes.Upgrading;

/// <summary>Graphs that share the operator sets they import.</summary>
/// <param name="Title">How errors name it.</param>
/// <param name="OperatorSets">What it imports.</param>
/// <param name="Graphs">Its graphs, without subgraphs.</param>
/// <param name="HoldsInitializers">Whether its graphs can hold initializers; bodies of functions cannot.</param>
internal sealed record UpgradePart(string Title, OperatorSets OperatorSets, IReadOnlyList<Graph> Graphs, bool HoldsInitializers)
{
    /// <summary>The version of ONNX's own operator set; a part that imports none is of the first.</summary>
    public int Version => (int)Math.Clamp(OperatorSets[""] ?? 1, 1, int.MaxValue);

    /// <summary>Whether the part has to be rewritten to reach a version. One that calls no operator of ONNX's own need not be.</summary>
    /// <exception cref="AnnealException">Its version is too old, or newer than the target.</exception>
    public bool IsOutdated(int target)
    {
        if (OperatorSets[""] is null && !Graphs.SelectMany(g => g.SelfAndSubgraphs()).SelectMany(g => g.Nodes).Any(IsOwn))
            return false;
        if (Version < UpgradeOpset.OldestVersion)
            throw new AnnealException($"{Title} is of ONNX operator set {Version}{(OperatorSets[""] is null ? " (it imports none)" : "")}; the oldest that can be upgraded is {UpgradeOpset.OldestVersion}. Export it anew, or upgrade it with the tool that wrote it.");
        if (Version > target)
            throw new AnnealException($"{Title} is of ONNX operator set {Version}, newer than the {target} that is asked for{(target == OpTable.Version ? ", the newest that is known here" : "")}. Export it for operator set {target} or an older one.");
        return Version < target;
    }

    /// <summary>Whether a node calls an operator of ONNX's own domain.</summary>
    public static bool IsOwn(Node node) => node.Domain is "" or "ai.onnx";
}
