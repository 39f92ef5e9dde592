using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Nn;

/// <summary>What whoever trains an imported model should know of it.</summary>
internal static class ImportedNotices
{
    public static IEnumerable<string> Of(Graph graph, ImportedTensors tensors, IReadOnlyList<Node> quantised)
    {
        Node[] nodes = [.. graph.SelfAndSubgraphs().SelectMany(g => g.Nodes)];
        if (quantised.Count > 0)
            yield return $"The model is quantised and cannot be trained: {quantised.Count} of its nodes compute with rounded numbers.";
        if (FoldedConvolutions(nodes) is > 0 and var folded)
            yield return $"BatchNormalization seems to be folded into the weights: {folded} convolutions have a bias, none is followed by a normalisation, and "
                + "networks built like this one are trained with them. Fine-tuning works, with a smaller learning rate than the original's.";
        foreach (var node in nodes.Where(node => KeepsStatistics(node, tensors)))
            yield return $"{node.Title} gets mean or variance from another node and not from the file: it stays as it is in training.";
        foreach (var node in nodes.Where(IsInTrainingMode))
            yield return $"{node.Title} was written in training mode: it measures each batch in use too.";
    }

    /// <summary>
    /// How many convolutions have a bias where none has a normalisation, in a network of a kind that is trained with normalisation: with sums over
    /// shortcuts (He et al. 2015), or with a convolution for each channel (Howard et al. 2017). 0 when it is no such network.
    /// </summary>
    private static int FoldedConvolutions(Node[] nodes)
    {
        if (nodes.Any(node => OpOf(node) is BatchNormalization or InstanceNormalization or GroupNormalization or LayerNormalization or RMSNormalization or LRN))
            return 0;
        Node[] convolutions = [.. nodes.Where(node => OpOf(node) is Conv)];
        var isOfThatKind = convolutions.Any(IsDepthwise) || nodes.Any(JoinsShortcut);
        return isOfThatKind ? convolutions.Count(node => node.Input(2) is not null) : 0;
    }

    private static bool IsDepthwise(Node node) => node.Attribute("group") is { } && OpTable.Find("", "Conv")!.Read(node) is Conv { Group: > 1 } conv
        && node.Input(1)?.Type is TensorType { Shape: { Rank: > 1 } w } && w[0] == conv.Group && w[1] == 1;

    /// <summary>A sum of two values that nodes make, one of which is a convolution's.</summary>
    private static bool JoinsShortcut(Node node) => node is { OpType: "Add" or "Sum", Inputs: [{ Producer: { } a }, { Producer: { } b }] }
        && (OpOf(a) is Conv || OpOf(b) is Conv);

    private static bool KeepsStatistics(Node node, ImportedTensors tensors) => OpOf(node) is BatchNormalization
        && (node.Inputs[3] is not { } mean || tensors.Find(mean) is not StateTensor || node.Inputs[4] is not { } variance || tensors.Find(variance) is not StateTensor);

    private static bool IsInTrainingMode(Node node) => OpOf(node) is BatchNormalization && OpTable.Find("", "BatchNormalization")!.Read(node) is BatchNormalization { TrainingMode: true };

    private static Op? OpOf(Node node) => OpTable.Find(node.Domain, node.OpType)?.Blank;
}
