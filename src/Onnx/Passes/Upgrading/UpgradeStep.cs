namespace Anneal.Onnx.Passes.Upgrading;

/// <summary>What one version of an operator asks of a node that was written for the version before.</summary>
/// <exception cref="AnnealException">The node has no exact counterpart.</exception>
internal delegate void UpgradeStep(NodeUpgrade node);

/// <summary>A version of an operator, and what it asks of older nodes: null when it only widened what the operator takes.</summary>
internal readonly record struct OperatorChange(int Version, UpgradeStep? Step)
{
    /// <summary>Whether the operator is withdrawn in this version, and the step puts another in its place.</summary>
    public bool Withdraws { get; init; }
}
