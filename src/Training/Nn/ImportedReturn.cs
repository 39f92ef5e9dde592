using Anneal.Onnx;
using Anneal.Onnx.Passes;

namespace Anneal.Training.Nn;

/// <summary>
/// Puts the parameters and statistics of an imported graph back into the model that they came from.
/// <list type="number">
/// <item>One that has not changed is left alone, so that the tensor stays in the form that it has in the file.</item>
/// <item>One that stood in a node Constant goes back into that node.</item>
/// <item>A statistic that was stored together with others gets an initializer of its own when it is no longer the same as they are.</item>
/// </list>
/// </summary>
/// <param name="model">A copy of the model, whose tensors and attributes are the model's own objects.</param>
/// <param name="origins">What was moved on the way in.</param>
internal sealed class ImportedReturn(Model model, ImportedOrigins origins)
{
    // Until this version of the IR, every initializer had to be listed as an input too.
    private const long LastWithoutConstants = 3;

    private readonly ILookup<TensorData, Value> _initializers = model.AllGraphs().SelectMany(graph => graph.Initializers)
        .ToLookup(value => value.Initializer!);

    private readonly ILookup<NodeAttribute, Node> _constants = model.AllGraphs().SelectMany(graph => graph.Nodes).Where(node => node.Calls("Constant"))
        .SelectMany(node => node.Attributes, (node, attribute) => (node, attribute)).ToLookup(pair => pair.attribute, pair => pair.node);

    private readonly Dictionary<NodeAttribute, TensorData> _written = [];

    public void Run(IReadOnlyList<(Value Value, MutableTensor Part)> parts)
    {
        var now = parts.ToDictionary(part => part.Value, part => Current(part.Value, part.Part));
        // Found before anything changes: a value is known by the tensor that it holds.
        var homes = parts.Select(part => origins.SharedBy(part.Value)?.Shared ?? part.Value).Distinct()
            .Where(value => origins.AttributeOf(value) is null).ToDictionary(value => value, Home);
        foreach (var (value, _) in parts.Where(part => origins.SharedBy(part.Value) is null))
            Return(value, now[value], homes);
        foreach (var (value, _) in parts)
            if (origins.SharedBy(value) is { } shared)
                ReturnSeparated(value, now[value], shared, now.GetValueOrDefault(shared.Shared) ?? shared.Shared.Initializer!, homes);
    }

    /// <summary>The tensor as it is now: the very object where nothing has changed.</summary>
    private static TensorData Current(Value value, MutableTensor part)
    {
        var before = value.Initializer!;
        if (part.Version == 0)
            return before;
        using var silence = Grad.Silently();
        using var scope = TensorScope.Begin();
        var bytes = (part.DType == before.DType ? part : part.Detach().To(before.DType)).ToBytes();
        return before.Bytes.Span.SequenceEqual(bytes) ? before : before.WithElements(bytes);
    }

    private Value? Home(Value value)
    {
        Value[] same = [.. _initializers[value.Initializer!]];
        return same is [var only] ? only : Array.Find(same, candidate => candidate.Name == value.Name);
    }

    private void Return(Value value, TensorData tensor, Dictionary<Value, Value?> homes)
    {
        if (origins.AttributeOf(value) is { } attribute)
            ReturnToNode(value, tensor, attribute);
        else if (tensor == value.Initializer)
            return;
        else if (homes[value] is { } home)
            home.Graph!.SetInitializer(home, tensor);
        else
            throw Lost(value);
    }

    /// <summary>A node of a function is one node for all calls.</summary>
    private void ReturnToNode(Value value, TensorData tensor, NodeAttribute attribute)
    {
        if (_written.TryGetValue(attribute, out var other) && !tensor.Bytes.Span.SequenceEqual(other.Bytes.Span))
            throw new AnnealException($"'{value.Name}' has changed in one call of a function and not in the others, and the model holds it once. Replace the calls first (InlineFunctions), and train that model.");
        if (!_written.TryAdd(attribute, tensor) || tensor == value.Initializer)
            return;
        if (_constants[attribute].FirstOrDefault() is not { } node)
            throw Lost(value);
        var changed = attribute.Name switch
        {
            "value_float" => NodeAttribute.Of(attribute.Name, tensor.As<float>()[0]),
            "value_floats" => NodeAttribute.Of(attribute.Name, tensor.As<float>().ToArray()),
            _ => NodeAttribute.Of(attribute.Name, tensor),
        };
        changed.DocString = attribute.DocString;
        node.SetAttribute(changed);
    }

    /// <summary>Rule 3.</summary>
    private void ReturnSeparated(Value value, TensorData tensor, SharedStatistic shared, TensorData others, Dictionary<Value, Value?> homes)
    {
        if (tensor.Bytes.Span.SequenceEqual(others.Bytes.Span))
            return;
        var home = origins.AttributeOf(shared.Shared) is { } attribute ? _constants[attribute].FirstOrDefault()?.Outputs[0] : homes[shared.Shared];
        if (home?.Uses.FirstOrDefault(use => use.Index == shared.Input && use.Node.Output(0)?.Name == shared.Output) is not { Node: { } node })
            throw Lost(value);
        var graph = home.Graph!;
        var own = graph.AddInitializer(tensor.WithName(graph.UniqueName(value.Name)));
        if (model.IrVersion <= LastWithoutConstants && graph == model.Graph)
        {
            own.Type = tensor.Type;
            graph.MakeInput(own);
        }
        node.SetInput(shared.Input, own);
    }

    private static AnnealException Lost(Value value) => new(
        $"'{value.Name}' has changed, and the model that it came from has no single place for it. Bring the model into its plain form first (UpgradeOpset, InlineFunctions), and train that one.");
}
