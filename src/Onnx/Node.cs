namespace Anneal.Onnx;

/// <summary>
/// One call of an operator (<c>NodeProto</c>). Nodes are made by their graph (<see cref="Graph.AddNode"/>, <see cref="Graph.InsertNode"/>);
/// changing inputs here keeps <see cref="Value.Uses"/> right.
/// </summary>
public sealed class Node : Annotated
{
    private readonly List<Value?> _inputs = [];
    private readonly List<Value?> _outputs = [];
    private readonly List<NodeAttribute> _attributes = [];

    internal Node(Graph graph, string opType) => (Graph, OpType) = (graph, opType);

    /// <summary>The graph that the node belongs to; null once it was removed.</summary>
    public Graph? Graph { get; internal set; }

    /// <summary>The operator's name, or that of a function of the model.</summary>
    public string OpType { get; set; }

    /// <summary>The domain of the operator; empty for ONNX's own.</summary>
    public string Domain { get; set; } = "";

    /// <summary>Which of several functions of one name is called; mostly empty.</summary>
    public string Overload { get; set; } = "";

    /// <summary>The node's name; often empty and not always distinct.</summary>
    public string Name { get; set; } = "";

    /// <summary>The inputs; null where an optional one is left out.</summary>
    public IReadOnlyList<Value?> Inputs => _inputs;

    /// <summary>The outputs; null where an optional one is left out.</summary>
    public IReadOnlyList<Value?> Outputs => _outputs;

    /// <summary>The attributes, in file order.</summary>
    public IReadOnlyList<NodeAttribute> Attributes => _attributes;

    /// <summary>How the node runs under the model's device configurations.</summary>
    public IList<NodeDeviceConfiguration> DeviceConfigurations { get; } = [];

    /// <summary>The subgraphs in the node's attributes.</summary>
    public IEnumerable<Graph> Subgraphs => _attributes.SelectMany(a => a.Subgraphs);

    /// <summary>How errors name the node: operator and name, or operator and first output.</summary>
    public string Title => Name.Length > 0 ? $"{OpType} '{Name}'" : $"{OpType} of '{_outputs.Find(o => o is not null)?.Name}'";

    /// <summary>An input, or null when it is left out or the node has fewer.</summary>
    public Value? Input(int index) => index < _inputs.Count ? _inputs[index] : null;

    /// <summary>An output, or null when it is left out or the node has fewer.</summary>
    public Value? Output(int index) => index < _outputs.Count ? _outputs[index] : null;

    /// <summary>An attribute, or null when the node has none of that name.</summary>
    public NodeAttribute? Attribute(string name) => _attributes.Find(a => a.Name == name);

    /// <summary>Makes the node take another value, or none, at one input.</summary>
    /// <exception cref="AnnealException">The value cannot be seen from the node's graph.</exception>
    public void SetInput(int index, Value? value)
    {
        RequireVisible(value);
        _inputs[index]?.RemoveUse(this, index);
        _inputs[index] = value;
        value?.AddUse(this, index);
    }

    /// <summary>Appends an input.</summary>
    /// <exception cref="AnnealException">The value cannot be seen from the node's graph.</exception>
    public void AddInput(Value? value)
    {
        RequireVisible(value);
        _inputs.Add(value);
        value?.AddUse(this, _inputs.Count - 1);
    }

    /// <summary>Removes the inputs from one on.</summary>
    public void TrimInputs(int count)
    {
        for (var i = _inputs.Count - 1; i >= count; i--)
        {
            _inputs[i]?.RemoveUse(this, i);
            _inputs.RemoveAt(i);
        }
    }

    /// <summary>Appends an output under a name that the graph does not have yet; null or empty for one that is left out.</summary>
    /// <exception cref="AnnealException">The name is taken.</exception>
    public Value? AddOutput(string? name)
    {
        var graph = Graph ?? throw Removed();
        var output = string.IsNullOrEmpty(name) ? null : graph.DefineOutput(this, name);
        _outputs.Add(output);
        return output;
    }

    /// <summary>Gives the node an attribute, in place of the one of that name if there is one.</summary>
    /// <exception cref="AnnealException">The attribute holds a graph that belongs to another node.</exception>
    public void SetAttribute(NodeAttribute attribute)
    {
        var at = _attributes.FindIndex(a => a.Name == attribute.Name);
        if (at < 0)
        {
            AppendAttribute(attribute);
            return;
        }
        Adopt(attribute);
        if (_attributes[at] != attribute)
            Release(_attributes[at]);
        _attributes[at] = attribute;
        Graph?.NoteSubgraphs(this, Subgraphs.Any());
    }

    /// <summary>
    /// Gives the node an empty subgraph as an attribute and returns it to be filled: once it belongs to the node, its own nodes may use the
    /// values of the graphs around it.
    /// </summary>
    public Graph AddSubgraph(string attribute, string name = "")
    {
        var subgraph = new Graph(name);
        SetAttribute(NodeAttribute.Of(attribute, subgraph));
        return subgraph;
    }

    /// <summary>Removes an attribute; false when the node has none of that name.</summary>
    public bool RemoveAttribute(string name)
    {
        var at = _attributes.FindIndex(a => a.Name == name);
        if (at < 0)
            return false;
        Release(_attributes[at]);
        _attributes.RemoveAt(at);
        Graph?.NoteSubgraphs(this, Subgraphs.Any());
        return true;
    }

    /// <summary><c>outputs = OpType(inputs)</c>.</summary>
    public override string ToString() => $"{Names(_outputs)} = {OpType}({Names(_inputs)})";

    internal int IndexOfOutput(Value value) => _outputs.IndexOf(value);

    /// <summary>Makes this node give a value that another node gave so far, in place of one of its own outputs.</summary>
    internal void TakeOutput(int index, Value value)
    {
        if (value.Producer is { } before)
            before._outputs[before.IndexOfOutput(value)] = null;
        _outputs[index] = value;
        value.Producer = this;
    }

    /// <summary>Appends an attribute of a file, which may repeat a name.</summary>
    internal void AppendAttribute(NodeAttribute attribute)
    {
        Adopt(attribute);
        _attributes.Add(attribute);
        if (attribute.Subgraphs.Count > 0)
            Graph?.NoteSubgraphs(this, hasAny: true);
    }

    /// <summary>Ends every use that the node and its subgraphs make of values.</summary>
    internal void Detach()
    {
        TrimInputs(0);
        foreach (var subgraph in Subgraphs)
            subgraph.Detach();
        Graph?.NoteSubgraphs(this, hasAny: false);
        Graph = null;
    }

    private void Adopt(NodeAttribute attribute)
    {
        foreach (var subgraph in attribute.Subgraphs)
        {
            if (subgraph.Owner is not null && subgraph.Owner != this)
                throw new AnnealException($"Graph '{subgraph.Name}' belongs to {subgraph.Owner.Title} already and cannot be given to {Title} too.");
            subgraph.Owner = this;
        }
    }

    private static void Release(NodeAttribute attribute)
    {
        foreach (var subgraph in attribute.Subgraphs)
        {
            subgraph.Detach();
            subgraph.Owner = null;
        }
    }

    private void RequireVisible(Value? value)
    {
        if (Graph is null)
            throw Removed();
        if (value is not null && !Graph.Sees(value))
            throw new AnnealException($"{Title} cannot take '{value.Name}': it belongs to no graph that encloses the node.");
    }

    private AnnealException Removed() => new($"{Title} was removed from its graph and cannot be changed any more.");

    private static string Names(List<Value?> values) => string.Join(", ", values.Select(v => v?.Name ?? "-"));
}
