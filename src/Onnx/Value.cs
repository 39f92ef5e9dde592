using Anneal.Onnx.Wire;

namespace Anneal.Onnx;

/// <summary>
/// A named value of a graph: an input, an initializer, an output of a node. It knows what makes it and what uses it, in its own graph
/// and in subgraphs that capture it.
/// </summary>
public sealed class Value : Annotated
{
    private readonly List<Use> _uses = [];
    private readonly List<Graph> _outputOf = [];

    internal Value(Graph graph, string name) => (Graph, Name) = (graph, name);

    /// <summary>The name, distinct among the values of a graph. Change it with <see cref="Graph.Rename"/>.</summary>
    public string Name { get; internal set; }

    /// <summary>The graph that the value belongs to; null once it was removed.</summary>
    public Graph? Graph { get; internal set; }

    /// <summary>The type: the stated one, else the initializer's, else null.</summary>
    public OnnxType? Type
    {
        get => StatedType ?? Initializer?.Type ?? SparseInitializer?.Type as OnnxType;
        set => StatedType = value;
    }

    /// <summary>The node that makes the value; null for inputs, initializers and names that nothing makes.</summary>
    public Node? Producer { get; internal set; }

    /// <summary>Which output of <see cref="Producer"/> it is; -1 without a producer.</summary>
    public int ProducerIndex => Producer?.IndexOfOutput(this) ?? -1;

    /// <summary>The inputs of nodes that take this value, those in capturing subgraphs included.</summary>
    public IReadOnlyList<Use> Uses => _uses;

    /// <summary>The graphs that give this value as an output, once for each output: its own, or a subgraph that passes it through.</summary>
    public IReadOnlyList<Graph> OutputOf => _outputOf;

    /// <summary>The constant that the value holds, or, for an input, its default. Change it with <see cref="Graph.SetInitializer"/>.</summary>
    public TensorData? Initializer { get; internal set; }

    /// <summary>As <see cref="Initializer"/>, stored sparse.</summary>
    public SparseTensor? SparseInitializer { get; internal set; }

    /// <summary>Whether the value is an input of its graph.</summary>
    public bool IsInput { get; internal set; }

    /// <summary>Whether the value is an output of any graph.</summary>
    public bool IsOutput => _outputOf.Count > 0;

    /// <summary>Whether the value is an initializer that no caller can replace.</summary>
    public bool IsConstant => !IsInput && (Initializer is not null || SparseInitializer is not null);

    /// <summary>Whether nothing in the model makes the value: a name that a file uses and never defines.</summary>
    public bool IsUndefined => Producer is null && !IsInput && Initializer is null && SparseInitializer is null;

    /// <summary>Whether nothing uses it: no node and no graph's outputs.</summary>
    public bool IsUnused => _uses.Count == 0 && _outputOf.Count == 0;

    internal OnnxType? StatedType { get; private set; }

    /// <summary><c>name: type</c>.</summary>
    public override string ToString() => Type is null ? Name : $"{Name}: {Type}";

    internal void AddUse(Node node, int index) => _uses.Add(new(node, index));

    internal void RemoveUse(Node node, int index) => _uses.Remove(new(node, index));

    internal void AddOutputOf(Graph graph) => _outputOf.Add(graph);

    internal void RemoveOutputOf(Graph graph) => _outputOf.Remove(graph);

    internal ValueDescription Describe() => new(StatedType, DocString, HasMetadata ? Metadata : null, Trace);
}
