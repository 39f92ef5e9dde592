namespace Anneal.Onnx;

/// <summary>
/// A graph (<c>GraphProto</c>): nodes in order of execution, inputs, outputs, initializers. A subgraph belongs to the node whose attribute
/// holds it and may use the values of the graphs around it.
/// </summary>
public sealed partial class Graph : Annotated
{
    private readonly Dictionary<string, Value> _values = [];
    private readonly List<Node> _nodes = [];
    private readonly ValueList _inputs = new();
    private readonly ValueList _outputs = new();
    private readonly ValueList _described = new();
    private readonly List<Value> _initializers = [];
    private readonly List<Value> _sparseInitializers = [];

    // For finding names: which nodes hold subgraphs, and the last number that was put behind a hint.
    private readonly HashSet<Node> _holders = [];
    private readonly Dictionary<string, int> _numbers = [];

    /// <summary>An empty graph.</summary>
    public Graph(string name = "") => Name = name;

    /// <summary>The graph's name.</summary>
    public string Name { get; set; }

    /// <summary>The node whose attribute holds this graph; null for the main graph and bodies of functions.</summary>
    public Node? Owner { get; internal set; }

    /// <summary>The graph around this one; null when there is none.</summary>
    public Graph? Parent => Owner?.Graph;

    /// <summary>The nodes, in file order: every node after those that make its inputs, unless a file breaks that rule.</summary>
    public IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>The inputs. In old files (IR version 3 and before) initializers are listed here too.</summary>
    public IReadOnlyList<Value> Inputs => _inputs;

    /// <summary>The outputs.</summary>
    public IReadOnlyList<Value> Outputs => _outputs;

    /// <summary>The values that hold a dense constant, in file order.</summary>
    public IReadOnlyList<Value> Initializers => _initializers;

    /// <summary>The values that hold a sparse constant, in file order.</summary>
    public IReadOnlyList<Value> SparseInitializers => _sparseInitializers;

    /// <summary>Every value of this graph, without those it captures from the graphs around it.</summary>
    public IReadOnlyCollection<Value> Values => _values.Values;

    /// <summary>Which tensors hold the quantization parameters of which values.</summary>
    public IList<QuantizationAnnotation> QuantizationAnnotations { get; } = [];

    /// <summary>The inputs that a caller must give: those without a default.</summary>
    public IEnumerable<Value> RequiredInputs => _inputs.Where(v => v.Initializer is null && v.SparseInitializer is null);

    /// <summary>The value of that name in this graph, or null.</summary>
    public Value? Find(string name) => _values.GetValueOrDefault(name);

    /// <summary>The value of that name in this graph or the nearest graph around it that has one, or null.</summary>
    public Value? FindVisible(string name)
    {
        for (var graph = this; graph is not null; graph = graph.Parent)
            if (graph._values.TryGetValue(name, out var value))
                return value;
        return null;
    }

    /// <summary>Whether nodes of this graph may use a value: it belongs to this graph or to one around it.</summary>
    public bool Sees(Value value)
    {
        for (var graph = this; graph is not null; graph = graph.Parent)
            if (value.Graph == graph)
                return true;
        return false;
    }

    /// <summary>This graph and every subgraph below it, outer before inner.</summary>
    public IEnumerable<Graph> SelfAndSubgraphs()
    {
        var waiting = new Stack<Graph>([this]);
        while (waiting.TryPop(out var graph))
        {
            yield return graph;
            foreach (var subgraph in graph._nodes.SelectMany(n => n.Subgraphs).Reverse())
                waiting.Push(subgraph);
        }
    }

    /// <summary>Values of the graphs around that nodes or outputs of this graph, or of subgraphs below it, use.</summary>
    public IReadOnlyCollection<Value> Captures()
    {
        var inside = SelfAndSubgraphs().ToHashSet();
        var used = inside.SelectMany(g => g._nodes.SelectMany(n => n.Inputs).OfType<Value>().Concat(g._outputs));
        return used.Where(v => v.Graph is null || !inside.Contains(v.Graph)).ToHashSet();
    }

    /// <summary>A name that no value of this graph, of the graphs around it or of the subgraphs below it has: the hint, or the hint with a number.</summary>
    public string UniqueName(string hint)
    {
        if (hint.Length > 0 && !IsTaken(hint))
            return hint;
        for (var i = _numbers.GetValueOrDefault(hint, 1); ; i++)
            if ($"{hint}_{i}" is var name && !IsTaken(name))
            {
                _numbers[hint] = i;
                return name;
            }
    }

    /// <summary>Name, inputs, outputs and number of nodes.</summary>
    public override string ToString() =>
        $"{Name}({string.Join(", ", RequiredInputs)}) -> ({string.Join(", ", _outputs)}), {_nodes.Count} nodes";

    internal ValueList InputList => _inputs;

    internal ValueList OutputList => _outputs;

    /// <summary>The values that a file describes beside inputs and outputs (<c>value_info</c>).</summary>
    internal ValueList Described => _described;

    /// <summary>Remembers whether a node of this graph holds subgraphs.</summary>
    internal void NoteSubgraphs(Node node, bool hasAny)
    {
        if (hasAny)
            _holders.Add(node);
        else
            _holders.Remove(node);
    }

    private bool IsTaken(string name) => FindVisible(name) is not null || IsTakenBelow(name);

    private bool IsTakenBelow(string name)
    {
        if (_holders.Count == 0)
            return false;
        var waiting = new Stack<Graph>([this]);
        while (waiting.TryPop(out var graph))
            foreach (var subgraph in graph._holders.SelectMany(node => node.Subgraphs))
            {
                if (subgraph._values.ContainsKey(name))
                    return true;
                waiting.Push(subgraph);
            }
        return false;
    }
}
