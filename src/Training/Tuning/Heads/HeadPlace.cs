using Anneal.Onnx;

namespace Anneal.Training.Tuning;

/// <summary>Where a head is, in the graph that was searched.</summary>
/// <param name="Output">The output that holds the classes.</param>
/// <param name="Layer">The layer to replace; null where one is appended.</param>
/// <param name="Features">What the new layer takes.</param>
/// <param name="FeatureCount">How many features there are.</param>
/// <param name="Passed">The nodes between the layer and the output, the last first.</param>
/// <param name="Reason">Why, in a full sentence.</param>
internal sealed record HeadPlace(Value Output, HeadLayer? Layer, Value Features, int FeatureCount, IReadOnlyList<Node> Passed, string Reason)
{
    /// <summary>What people call a node: its name, or that of its first output.</summary>
    public static string Label(Node node) => node.Name.Length > 0 ? node.Name : node.Outputs.FirstOrDefault(output => output is not null)?.Name ?? node.OpType;
}
