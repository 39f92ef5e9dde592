namespace Anneal.Onnx;

/// <summary>
/// An ONNX model: a graph, the operator sets its nodes come from, functions of its own, and who made it
/// (<c>ModelProto</c>; ONNX IR specification, "Models").
/// </summary>
public sealed class Model : Annotated
{
    /// <summary>The newest IR version that this library knows every field of.</summary>
    public const long NewestIrVersion = 14;

    /// <summary>A model around a graph.</summary>
    public Model(Graph graph) => Graph = graph;

    /// <summary>The version of the IR that the model is written in.</summary>
    public long IrVersion { get; set; } = 10;

    /// <summary>The operator sets that the nodes' operators come from.</summary>
    public OperatorSets OperatorSets { get; } = new();

    /// <summary>The tool that wrote the model.</summary>
    public string ProducerName { get; set; } = "";

    /// <summary>The version of the tool that wrote the model.</summary>
    public string ProducerVersion { get; set; } = "";

    /// <summary>Whose model it is, as a reverse domain name.</summary>
    public string Domain { get; set; } = "";

    /// <summary>The version of the graph, as its owner counts.</summary>
    public long ModelVersion { get; set; }

    /// <summary>The graph that is run. A file without one gives an empty graph.</summary>
    public Graph Graph { get; set; }

    /// <summary>Functions that nodes may call by domain, name and overload.</summary>
    public IList<Function> Functions { get; } = [];

    /// <summary>Training steps that the model carries; this library keeps them and runs none.</summary>
    public IList<TrainingInfo> TrainingInfo { get; } = [];

    /// <summary>The device configurations that nodes refer to.</summary>
    public IList<DeviceConfiguration> DeviceConfigurations { get; } = [];

    /// <summary>Every graph of the model: the main one, bodies of functions, training graphs, and all their subgraphs.</summary>
    public IEnumerable<Graph> AllGraphs() => RootGraphs().SelectMany(g => g.SelfAndSubgraphs());

    /// <summary>
    /// A copy that can be changed without changing this model; it saves to the same bytes. Tensors are shared, being immutable, so a copy takes
    /// little memory.
    /// </summary>
    public Model Copy()
    {
        var copy = new Model(GraphCopier.Copy(Graph))
        {
            IrVersion = IrVersion,
            ProducerName = ProducerName,
            ProducerVersion = ProducerVersion,
            Domain = Domain,
            ModelVersion = ModelVersion,
            GraphIsImplied = GraphIsImplied,
        };
        GraphCopier.Annotate(this, copy);
        foreach (var set in OperatorSets)
            copy.OperatorSets.Add(set);
        foreach (var function in Functions)
            copy.Functions.Add(function.Copy());
        foreach (var training in TrainingInfo)
            copy.TrainingInfo.Add(training.Copy());
        foreach (var configuration in DeviceConfigurations)
            copy.DeviceConfigurations.Add(configuration.Copy());
        return copy;
    }

    /// <summary>The model's name, IR version, operator sets and number of nodes.</summary>
    public override string ToString() => $"{Graph.Name} (IR {IrVersion}, {OperatorSets}, {Graph.Nodes.Count} nodes)";

    /// <summary>Whether the file had no graph at all, as a library of functions may.</summary>
    internal bool GraphIsImplied { get; init; }

    internal IEnumerable<Graph> RootGraphs() =>
    [
        Graph,
        .. Functions.Select(f => f.Body),
        .. TrainingInfo.SelectMany(t => new[] { t.Initialization, t.Algorithm }).OfType<Graph>(),
    ];
}
