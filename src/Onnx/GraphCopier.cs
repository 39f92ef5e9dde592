namespace Anneal.Onnx;

/// <summary>
/// Copies graphs and nodes with everything written in them. Tensors are shared, being immutable. Subgraphs wait in a queue instead of on the
/// stack, so that no depth of nesting can exhaust it.
/// </summary>
internal sealed class GraphCopier
{
    private readonly Dictionary<Value, Value?> _copies = [];
    private readonly Queue<(Graph From, Graph To)> _waiting = [];
    private Func<Value, Graph, string> _name = (value, _) => value.Name;

    /// <summary>What a copied node gets in place of an attribute that holds no subgraph; null leaves it out. Default: the same.</summary>
    public Func<NodeAttribute, NodeAttribute?> Attribute { get; init; } = attribute => attribute;

    /// <summary>A name that is free in a graph, from a wanted one. Default: <see cref="Graph.UniqueName"/>, which looks at the whole graph for each name.</summary>
    public Func<string, Graph, string> FreeName { get; init; } = (name, graph) => graph.UniqueName(name);

    /// <summary>A copy of a whole graph that stands for itself.</summary>
    public static Graph Copy(Graph graph)
    {
        var copier = new GraphCopier();
        var copy = new Graph(graph.Name);
        copier.Fill(graph, copy);
        copier.Finish();
        return copy;
    }

    /// <summary>Makes copied nodes use a value, mostly of another graph, wherever the originals use this one; null leaves those inputs out.</summary>
    public void Map(Value from, Value? to) => _copies[from] = to;

    /// <summary>
    /// Copies nodes of one graph into another, standing one after another from an index on. Outputs that were not mapped get names that are
    /// free there.
    /// </summary>
    /// <param name="nodes">The nodes, each after those that make its inputs; other inputs are mapped or visible from the graph.</param>
    /// <param name="graph">The graph to copy into.</param>
    /// <param name="index">Where the first copy stands.</param>
    /// <param name="name">The wanted name of a copied value.</param>
    /// <returns>The copies.</returns>
    public IReadOnlyList<Node> CopyInto(IEnumerable<Node> nodes, Graph graph, int index, Func<Value, string> name)
    {
        // Subgraphs too get names that nothing around them has: a value is found by its name, and the inner one would hide the outer.
        _name = (value, around) => FreeName(name(value), around);
        var copies = new List<Node>();
        foreach (var node in nodes)
        {
            string?[] outputs = [.. node.Outputs.Select(output => output is null ? null : _name(output, graph))];
            var copy = graph.InsertNode(index + copies.Count, node.OpType, node.Inputs.Select(CopyOf), outputs);
            foreach (var (from, to) in node.Outputs.Zip(copy.Outputs))
                if (from is not null && to is not null)
                    Describe(from, to);
            Dress(node, copy);
            copies.Add(copy);
        }
        Finish();
        return copies;
    }

    /// <summary>The value that stands for one: its copy, or itself where nothing was copied.</summary>
    public Value? CopyOf(Value? value) => value is null ? null : _copies.GetValueOrDefault(value, value);

    /// <summary>Copies what every part of a model can carry beside its content.</summary>
    public static void Annotate(Annotated from, Annotated to)
    {
        (to.DocString, to.Trace) = (from.DocString, from.Trace);
        if (from.HasMetadata)
            from.Metadata.CopyTo(to.Metadata);
    }

    private void Finish()
    {
        while (_waiting.TryDequeue(out var next))
            Fill(next.From, next.To);
    }

    private void Fill(Graph from, Graph to)
    {
        Annotate(from, to);
        foreach (var value in from.Values)
            Describe(value, to.FindOrDefine(_name(value, to)));
        foreach (var node in from.Nodes)
            CopyNode(node, to);
        foreach (var value in from.Inputs)
            CopyOf(value)!.IsInput = true;
        foreach (var value in from.Initializers)
            to.DefineInitializer(CopyOf(value)!, value.Initializer!);
        foreach (var value in from.SparseInitializers)
            to.DefineInitializer(CopyOf(value)!, value.SparseInitializer!);
        foreach (var value in from.Outputs)
            (CopyOf(value) ?? throw LeftOut(value, to)).AddOutputOf(to);
        from.InputList.CopyTo(to.InputList, value => CopyOf(value)!);
        from.OutputList.CopyTo(to.OutputList, value => CopyOf(value)!);
        from.Described.CopyTo(to.Described, value => CopyOf(value)!);
        foreach (var annotation in from.QuantizationAnnotations)
            to.QuantizationAnnotations.Add(annotation.Copy(name => from.Find(name) is { } value ? CopyOf(value)!.Name : name));
    }

    private void CopyNode(Node node, Graph graph)
    {
        var copy = graph.DefineNode(node.OpType);
        foreach (var input in node.Inputs)
            copy.AddInput(CopyOf(input));
        foreach (var output in node.Outputs)
            copy.AddOutput(CopyOf(output)?.Name);
        Dress(node, copy);
    }

    private void Dress(Node node, Node copy)
    {
        Annotate(node, copy);
        (copy.Domain, copy.Overload, copy.Name) = (node.Domain, node.Overload, node.Name);
        foreach (var configuration in node.DeviceConfigurations)
            copy.DeviceConfigurations.Add(configuration.Copy());
        foreach (var attribute in node.Attributes)
            if (Convert(attribute) is { } converted)
                copy.AppendAttribute(converted);
    }

    private NodeAttribute? Convert(NodeAttribute attribute)
    {
        var content = attribute.Subgraphs.Count == 0 ? Attribute(attribute) : attribute;
        if (content is null || content.Subgraphs.Count == 0)
            return content;
        Graph[] graphs = [.. content.Subgraphs.Select(subgraph => new Graph(subgraph.Name))];
        foreach (var pair in content.Subgraphs.Zip(graphs))
            _waiting.Enqueue(pair);
        return content.WithSubgraphs(graphs);
    }

    private void Describe(Value from, Value to)
    {
        Annotate(from, to);
        to.Type = from.StatedType;
        _copies[from] = to;
    }

    private static InvalidModelException LeftOut(Value value, Graph graph) =>
        new($"{graph.Owner?.Title}: its subgraph '{graph.Name}' gives '{value.Name}', which is an input that the call leaves out.");
}
