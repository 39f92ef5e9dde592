using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Training.Tuning;

/// <summary>A Softmax or LogSoftmax that was taken off a model so that it ends in logits while it is trained.</summary>
public sealed record HeadEnding
{
    private readonly string _opType;
    private readonly string _node;
    private readonly IReadOnlyList<NodeAttribute> _attributes;
    private readonly string _input;
    private readonly bool _isLast;

    private HeadEnding(Node node, bool isLast)
    {
        (_opType, _node, _attributes, _isLast) = (node.OpType, node.Name, [.. node.Attributes], isLast);
        (_input, Output) = (node.Inputs[0]!.Name, node.Outputs[0]!.Name);
    }

    /// <summary>What the original's output means: probabilities for Softmax; for LogSoftmax logits, since log-probabilities are scores before a softmax too.</summary>
    public OutputKind OutputKind => _opType == "Softmax" ? OutputKind.Probabilities : OutputKind.Logits;

    /// <summary>The name of what the node gives: of the model's output, where nothing comes behind it.</summary>
    public string Output { get; }

    /// <summary>A copy of a model of this head, trained or not, that ends as the original did: the same node under the same names.</summary>
    /// <exception cref="AnnealException">The model has not the logits that the ending takes, or has the ending already.</exception>
    public Model PutBack(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var copy = model.Copy();
        var graph = copy.Graph;
        if (graph.Find(_input) is not { Producer: { } producer } logits || graph.Find(Output) is not null)
            throw new AnnealException($"{_opType} '{Output}' cannot be put back: {(graph.Find(Output) is null ? $"the model has no value '{_input}'" : "the model has it")}. Give it the model that it was taken off.");
        Use[] uses = [.. logits.Uses];
        var node = graph.InsertNode(graph.IndexOf(producer) + 1, _opType, [logits], [Output], _attributes);
        (node.Name, node.Outputs[0]!.Type) = (_node, logits.Type);
        Redirect(graph, uses, node.Outputs[0]!, _isLast);
        return copy;
    }

    /// <summary>Takes the node out of its graph, so that what used its output uses its input.</summary>
    /// <param name="node">The node.</param>
    /// <param name="type">The type of the output, for where its input becomes the model's output.</param>
    internal static HeadEnding TakeOff(Node node, TensorType type)
    {
        var (graph, logits, output) = (node.Graph!, node.Inputs[0]!, node.Outputs[0]!);
        var ending = new HeadEnding(node, output.IsOutput);
        if (ending._isLast)
            logits.Type = logits.StatedType ?? type;
        Redirect(graph, [.. output.Uses], logits, ending._isLast);
        graph.Remove(node);
        return ending;
    }

    private static void Redirect(Graph graph, Use[] uses, Value value, bool isOutput)
    {
        foreach (var use in uses)
            use.Node.SetInput(use.Index, value);
        if (isOutput)
            graph.SetOutput(0, value);
    }
}
