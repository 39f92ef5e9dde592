using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes.Upgrading;

/// <summary>One node on its way to a newer operator set, and the ways in which steps change it.</summary>
internal sealed class NodeUpgrade
{
    private const int FirstCastLike = 15;

    private readonly GraphUpgrade _upgrade;
    private readonly Graph _graph;
    private readonly List<Node> _made;
    private Node _node;

    public NodeUpgrade(Node node, Graph graph, GraphUpgrade upgrade)
    {
        (_node, _graph, _upgrade) = (node, graph, upgrade);
        _made = [node];
    }

    /// <summary>The version that the step at hand reaches.</summary>
    public int Version { get; set; }

    /// <summary>The version that the model is to reach.</summary>
    public int Target => _upgrade.Target;

    /// <summary>The node as it is by now; steps may put another in its place.</summary>
    public Node Node => _node;

    public string OpType => _node.OpType;

    public string Title => _node.Title;

    /// <summary>What stands for the node by now: itself with nodes before and after it, in order.</summary>
    public IReadOnlyList<Node> Made => _made;

    /// <summary>The rank of an input; null when it is not known.</summary>
    public int? Rank(int input) => Shape(input)?.Rank;

    public Shape? Shape(int input) => FactOf(input).Shape;

    public DType DType(int input) => FactOf(input).DType;

    public Fact FactOf(int input) => _node.Input(input) is { } value ? _upgrade.FactOf(value) : Fact.Unknown;

    /// <summary>An error that names node, operator and version.</summary>
    public AnnealException Refuse(string why) =>
        new($"{Title} cannot be taken to version {Version} of {OpType}: {why}.");

    /// <summary>An integer attribute.</summary>
    /// <exception cref="AnnealException">It stands for an attribute of the enclosing function, so that its value is not known here.</exception>
    public long Int(string name, long byDefault) => Stated(name) is { } found ? found.AsInt() : byDefault;

    /// <summary>An attribute whose value is needed, or null.</summary>
    public NodeAttribute? Stated(string name) => _node.Attribute(name) is not { } found ? null
        : found.ReferenceTo.Length == 0 ? found
        : throw Refuse($"its attribute '{name}' stands for the attribute '{found.ReferenceTo}' of the enclosing function, and its value is needed");

    /// <summary>Gives the node an input at a place; those left out in between stay left out.</summary>
    public void SetInput(int index, Value? value)
    {
        while (_node.Inputs.Count <= index)
            _node.AddInput(null);
        _node.SetInput(index, value);
    }

    /// <summary>A constant with a name that is free.</summary>
    public Value Constant(string hint, Func<string, TensorData> make) => _upgrade.HoldsInitializers
        ? _upgrade.AddInitializer(_graph, make(FreeName(hint)))
        : Before("Constant", hint, [], NodeAttribute.Of("value", make(hint)));

    /// <summary>A constant list of integers.</summary>
    public Value Ints(string hint, params IEnumerable<long> values)
    {
        long[] list = [.. values];
        return Constant(hint, name => TensorData.Create(name, list, list.Length));
    }

    /// <summary>A node in front of this one.</summary>
    /// <returns>Its only output.</returns>
    public Value Before(string opType, string hint, IEnumerable<Value?> inputs, params IEnumerable<NodeAttribute> attributes) =>
        Insert(opType, inputs, [FreeName(hint)], attributes).Outputs[0]!;

    /// <summary>A node in front of this one that may have several outputs.</summary>
    public Node Insert(string opType, IEnumerable<Value?> inputs, IEnumerable<string?> outputs, params IEnumerable<NodeAttribute> attributes)
    {
        var made = _graph.InsertNode(_graph.IndexOf(_node), opType, inputs, outputs, attributes);
        _made.Insert(_made.IndexOf(_node), made);
        return made;
    }

    /// <summary>The same call in front of this node, with other inputs and fewer or as many outputs.</summary>
    public Node Again(IEnumerable<Value?> inputs, int outputs)
    {
        var made = Insert(OpType, inputs, _node.Outputs.Take(outputs).Select(o => o is null ? null : FreeName(o.Name)), _node.Attributes);
        GraphCopier.Annotate(_node, made);
        (made.Domain, made.Name) = (_node.Domain, _node.Name);
        foreach (var configuration in _node.DeviceConfigurations)
            made.DeviceConfigurations.Add(configuration);
        return made;
    }

    /// <summary>Puts other values, made in front of the node, in the place of its outputs and removes it. Names and types stay.</summary>
    /// <param name="heir">The node that goes on in its place.</param>
    /// <param name="values">One for each output that is used.</param>
    public void Replace(Node heir, params IReadOnlyList<Value?> values)
    {
        var kept = _node.Outputs.Take(values.Count).Select(o => (o?.Name, o?.StatedType)).ToArray();
        for (var i = 0; i < values.Count; i++)
            if (_node.Outputs[i] is { } output && values[i] is { } value)
            {
                GraphCopier.Annotate(output, value);
                _graph.ReplaceAllUses(output, value);
            }
        _graph.Remove(_node);
        _made.Remove(_node);
        _node = heir;
        for (var i = 0; i < values.Count; i++)
            if (values[i] is { } value && kept[i].Name is { } name)
            {
                _graph.Rename(value, name);
                value.Type = kept[i].StatedType;
            }
    }

    /// <summary>A value in the element type of an input, which need not be known.</summary>
    public Value InTypeOf(int input, Value value, string hint)
    {
        if (DType(input) is not Onnx.DType.Undefined and var dtype)
            return Before("Cast", hint, [value], NodeAttribute.Of("to", (long)dtype));
        return Target >= FirstCastLike
            ? Before("CastLike", hint, [value, _node.Inputs[input]])
            : throw Refuse($"the element type of its input '{_node.Inputs[input]?.Name}' is not known. Declare it in the model, or upgrade to operator set {FirstCastLike} or later");
    }

    /// <summary>A free name made of the node's and a hint.</summary>
    public string FreeName(string hint)
    {
        var owner = _node.Name.Length > 0 ? _node.Name : _node.Outputs.FirstOrDefault(o => o is not null)?.Name ?? OpType;
        return _graph.UniqueName($"{owner}_{hint}");
    }
}
