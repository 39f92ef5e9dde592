using Anneal.Onnx;

namespace Anneal.Training.Tuning;

/// <summary>
/// Where a classifier's classes come from: the layer that a new number of classes replaces, or, where a model ends in features, the place that a
/// new layer is appended to. It is found by walking back from the output, through what keeps one number for each class:
/// <list type="number">
/// <item>Softmax, LogSoftmax, Dropout, Identity; Flatten, Reshape, Squeeze of what has no extent behind the classes; GlobalAveragePool, and
/// ReduceMean or AveragePool that make 1x1; a Relu directly behind a Conv.</item>
/// <item>A Gemm, a MatMul with or without the Add of its bias, or a Conv of 1x1 that is reached, with a constant weight, is the head.</item>
/// <item>Anything else that is reached first, such as BatchNormalization, an Add that is no bias, Concat, means that the model ends in features.</item>
/// </list>
/// </summary>
public sealed record ClassifierHead
{
    private readonly Model _model;
    private readonly string? _choice;

    private ClassifierHead(Model model, string? choice, HeadPlace place)
    {
        (_model, _choice) = (model, choice);
        (IsAppended, Node) = (place.Layer is null, place.Layer is { } layer ? HeadPlace.Label(layer.Node) : null);
        (Features, FeatureCount, ClassCount, Description) = (place.Features.Name, place.FeatureCount, (int?)place.Layer?.ClassCount, place.Reason);
    }

    /// <summary>Whether a layer is appended, the model having no head or being to keep it.</summary>
    public bool IsAppended { get; }

    /// <summary>The node that is replaced: its name, or that of its first output where it has none; null when a layer is appended.</summary>
    public string? Node { get; }

    /// <summary>The name of the value that the new layer takes: the features, [N,K] or [N,K,H,W].</summary>
    public string Features { get; }

    /// <summary>K, how many features there are.</summary>
    public int FeatureCount { get; }

    /// <summary>How many classes the layer that is replaced has; null when a layer is appended.</summary>
    public int? ClassCount { get; }

    /// <summary>What was chosen and why, in full sentences.</summary>
    public string Description { get; }

    /// <summary>Finds the head.</summary>
    /// <param name="model">The model, which stays as it is.</param>
    /// <param name="choice">
    /// The name of the node to replace (or of its output): what follows it, unless the rules walk through that, is left out; <c>append</c> to keep every
    /// layer and append another; or null to go by the rules.
    /// </param>
    /// <exception cref="AnnealException">No node has that name, it cannot be a head, the head is quantised, or the output is not understood.</exception>
    public static ClassifierHead Find(Model model, string? choice = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new(model, choice, HeadSearch.Run(model, choice));
    }

    /// <summary>
    /// The model with a head for other classes, which ends in logits. Weights and bias are drawn evenly from ±1/√fan-in, as PyTorch's Linear and
    /// Conv2d do; everything before them, names, operator set and metadata are the model's. A head without a bias stays without.
    /// </summary>
    /// <param name="classCount">The number of classes, at least 2.</param>
    /// <param name="draws">What the weights are drawn from.</param>
    /// <exception cref="AnnealException">A node behind the head is made for the old number of classes and cannot be corrected.</exception>
    public NewHead WithClasses(int classCount, Draws draws)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        var copy = _model.Copy();
        return new HeadSurgery(copy, HeadSearch.Run(copy, _choice), classCount, draws).Run();
    }
}
