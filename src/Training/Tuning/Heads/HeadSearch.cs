using Anneal.Onnx;
using Anneal.Onnx.Passes;
using Anneal.Training.Nn;

namespace Anneal.Training.Tuning;

/// <summary>Finds where a model's head is; <see cref="ClassifierHead"/> states the rules.</summary>
internal sealed class HeadSearch
{
    /// <summary>What a user says to have a layer appended.</summary>
    public const string Append = "append";

    private readonly Graph _graph;
    private readonly ModelShapes _shapes;

    private HeadSearch(Model model) => (_graph, _shapes) = (model.Graph, new(model));

    /// <summary>Finds the head.</summary>
    /// <param name="model">The model.</param>
    /// <param name="choice">A node's name, <see cref="Append"/>, or null.</param>
    public static HeadPlace Run(Model model, string? choice)
    {
        var search = new HeadSearch(model);
        var output = MainOutput.Find(model.Graph, search._shapes);
        return choice switch
        {
            null => search.ByRules(output),
            Append => search.Appended(output, "A layer is appended, as was asked for."),
            _ => search.Named(output, choice),
        };
    }

    private HeadPlace ByRules(Value output)
    {
        var (layer, passed, stop) = Walk(output);
        if (layer is not null)
            return Replaced(output, layer, passed);
        RequireNotQuantised(stop);
        return Appended(output, stop.Producer is { } node
            ? $"The model ends in features: on the way back from the output, {node.Title} comes first."
            : "The walk back from the output comes to an input without meeting a layer.");
    }

    private HeadPlace Named(Value output, string name)
    {
        var layers = _graph.Nodes.Select(node => HeadLayer.Of(node, _shapes)).OfType<HeadLayer>().ToList();
        if (layers.Find(layer => IsCalled(layer.Node, name)) is not { } chosen)
            throw HeadNames.Wrong(_graph, name, layers);
        if (Walk(output) is ({ } found, var passed, _) && found.Node == chosen.Node)
            return Replaced(output, found, passed);
        if (chosen.IsConvolution && !HasNothingBehindClasses(chosen.Output))
            throw new AnnealException(
                $"{chosen.Node.Title} cannot be the head: what follows it does more than pool its {chosen.ClassCount} channels. Choose a Gemm or MatMul, or '{Append}'.");
        return new(output, chosen, chosen.Features, (int)chosen.FeatureCount, [], $"{chosen.Node.Title} is replaced, as was asked for, and what follows it is left out.");
    }

    /// <summary>Walks back from an output to a layer, or to the value where the walk ends without one.</summary>
    private (HeadLayer? Layer, List<Node> Passed, Value Stop) Walk(Value output)
    {
        var (at, passed) = (output, new List<Node>());
        while (at.Producer is { } node)
        {
            if (HeadLayer.EndingWith(node, _shapes) is { } layer && IsPooled(layer, passed))
                return (layer, passed, at);
            if (at.ProducerIndex != 0 || !Passes(node, passed))
                break;
            passed.Add(node);
            at = node.Inputs[0]!;
        }
        return (null, passed, at);
    }

    private static bool IsCalled(Node node, string name) => node.Name == name || node.Outputs.Any(output => output?.Name == name);

    private static HeadPlace Replaced(Value output, HeadLayer layer, IReadOnlyList<Node> passed) => new(
        output, layer, layer.Features, (int)layer.FeatureCount, passed, $"{layer.Node.Title} makes {layer.ClassCount} classes of {layer.FeatureCount} features and is replaced.");

    private HeadPlace Appended(Value output, string reason)
    {
        var features = output.Producer is { } last && IsSoftmax(last) ? last.Inputs[0]! : output;
        var shape = _shapes.ShapeOf(features);
        if (shape is null or { Rank: not (2 or 4) } || shape[1] is not { IsKnown: true, Value: > 0 and var count })
            throw new AnnealException(
                $"{reason} A new layer needs features [N,K] or [N,K,H,W] with a known K, and '{features.Name}' is {(shape is null ? "of unknown shape" : shape)}. Name the node to replace.");
        var sentence = $"{reason} A Gemm is appended to the {count} features of '{features.Name}'.";
        return new(output, null, features, checked((int)count), [], sentence);
    }

    /// <summary>Whether what a convolution gives comes to one number for each class before the output.</summary>
    private bool IsPooled(HeadLayer layer, List<Node> passed) => !layer.IsConvolution || passed.Exists(IsPooling) || HasNothingBehindClasses(layer.Output);

    /// <summary>Whether a node keeps one number for each class.</summary>
    private bool Passes(Node node, List<Node> passed) => node.Domain is "" or "ai.onnx" && node.OpType switch
    {
        "Softmax" or "LogSoftmax" => !passed.Exists(IsSoftmax),
        "Dropout" or "Identity" or "Cast" => true,
        "Flatten" or "Reshape" or "Squeeze" => HasNothingBehindClasses(node.Inputs[0]!),
        "GlobalAveragePool" or "ReduceMean" or "AveragePool" => HasNothingBehindClasses(node.Outputs[0]!),
        "Relu" => node.Inputs[0]!.Producer is { } before && before.Calls("Conv"),
        _ => false,
    };

    private bool HasNothingBehindClasses(Value value) =>
        _shapes.ShapeOf(value) is { Rank: >= 2 } shape && shape.Skip(2).All(extent => extent is { IsKnown: true, Value: 1 });

    /// <summary>Walks back to the nearest layers with weights: where one of them is quantised, there is a head, but none that can be replaced.</summary>
    private void RequireNotQuantised(Value from)
    {
        var quantised = ImportedGraph.Quantised(_graph).ToHashSet();
        var seen = new HashSet<Node>();
        var waiting = new Queue<Value>([from]);
        while (waiting.TryDequeue(out var value))
        {
            if (value.Producer is not { } node || !seen.Add(node))
                continue;
            if (quantised.Contains(node))
                throw new AnnealException(
                    $"The head is quantised: {node.Title} computes with rounded numbers, which have no slope. Fine-tune the model that it was made from, and quantise again.");
            if (node.OpType is "Conv" or "Gemm" or "MatMul" && HeadConstant.Find(node, 1, _shapes) is not null)
                continue;
            foreach (var input in node.Inputs.OfType<Value>())
                waiting.Enqueue(input);
        }
    }

    private static bool IsPooling(Node node) => node.OpType is "GlobalAveragePool" or "ReduceMean" or "AveragePool";

    private static bool IsSoftmax(Node node) => node.Calls("Softmax") || node.Calls("LogSoftmax");
}
