namespace Anneal.Onnx.Passes.Inlining;

/// <summary>
/// Which functions of a model call which, checked before anything is copied: none calls itself, and all calls together stay within the limits.
/// </summary>
internal sealed class FunctionCalls
{
    private readonly Dictionary<(string Domain, string Name, string Overload), Function> _functions = [];
    private readonly Dictionary<Function, Bulk> _bulks = [];
    private readonly List<(Function Function, IEnumerator<Function> Callees)> _path = [];
    private readonly HashSet<Function> _onPath = [];

    /// <summary>Reads the functions of a model.</summary>
    /// <exception cref="InvalidModelException">Two functions have one identity, or a function calls itself.</exception>
    public FunctionCalls(Model model)
    {
        foreach (var function in model.Functions)
            if (!_functions.TryAdd((OperatorSets.Normalise(function.Domain), function.Name, function.Overload), function))
                throw new InvalidModelException($"The model has two functions {function}. Domain, name and overload tell functions apart.");
        foreach (var function in model.Functions)
            Measure(function);
    }

    /// <summary>The function that a node calls, or null when it calls an operator.</summary>
    public Function? Find(Node node) => _functions.GetValueOrDefault((OperatorSets.Normalise(node.Domain), node.OpType, node.Overload));

    /// <summary>The functions that a graph calls, directly or through others.</summary>
    public IReadOnlySet<Function> Reached(IEnumerable<Graph> graphs)
    {
        var reached = new HashSet<Function>();
        var waiting = new Queue<Function>(graphs.SelectMany(Callees));
        while (waiting.TryDequeue(out var function))
            if (reached.Add(function))
                foreach (var callee in Callees(function.Body))
                    waiting.Enqueue(callee);
        return reached;
    }

    /// <summary>What a graph becomes when every call in it is replaced.</summary>
    public Bulk Measure(Graph graph)
    {
        var bulk = new Bulk(0, 0);
        foreach (var (node, depth) in NodesWithDepth(graph))
            bulk = bulk.With(Find(node) is { } callee ? _bulks[callee] : Bulk.Of(node), depth);
        return bulk;
    }

    /// <summary>Walks from a function to those that it calls, depth first, on a path of its own instead of the stack.</summary>
    private void Measure(Function root)
    {
        Enter(root);
        while (_path.Count > 0)
        {
            var (function, callees) = _path[^1];
            if (callees.MoveNext())
            {
                Enter(callees.Current);
                continue;
            }
            _path.RemoveAt(_path.Count - 1);
            _onPath.Remove(function);
            _bulks[function] = Measure(function.Body);
        }
    }

    private void Enter(Function function)
    {
        if (_bulks.ContainsKey(function))
            return;
        if (!_onPath.Add(function))
            throw new InvalidModelException($"Function {function} calls itself: {Chain(_path.Select(step => step.Function).SkipWhile(step => step != function).Append(function))}. ONNX allows no recursion.");
        _path.Add((function, Callees(function.Body).Distinct().GetEnumerator()));
    }

    private IEnumerable<Function> Callees(Graph graph) =>
        graph.SelfAndSubgraphs().SelectMany(inner => inner.Nodes).Select(Find).OfType<Function>();

    /// <summary>Every node of a graph and the graphs below it, with how deep below.</summary>
    private static IEnumerable<(Node Node, int Depth)> NodesWithDepth(Graph graph)
    {
        var waiting = new Stack<(Graph Graph, int Depth)>([(graph, 0)]);
        while (waiting.TryPop(out var next))
            foreach (var node in next.Graph.Nodes)
            {
                yield return (node, next.Depth);
                foreach (var subgraph in node.Subgraphs)
                    waiting.Push((subgraph, next.Depth + 1));
            }
    }

    private static string Chain(IEnumerable<Function> functions)
    {
        string[] names = [.. functions.Select(function => function.ToString())];
        return string.Join(" -> ", names.Length <= 8 ? names : [.. names[..4], $"… ({names.Length - 7} more)", .. names[^3..]]);
    }
}

/// <summary>How much a graph holds.</summary>
/// <param name="Parts">Nodes, and what they list: inputs, outputs and attributes.</param>
/// <param name="Nesting">How deep subgraphs are nested.</param>
internal readonly record struct Bulk(long Parts, int Nesting)
{
    public static Bulk Of(Node node) => new(1L + node.Inputs.Count + node.Outputs.Count + node.Attributes.Count, 0);

    /// <summary>This and more, which stands so deep below. Parts stop at half the range, so that doubling cannot overflow.</summary>
    public Bulk With(Bulk more, int depth) => new(Math.Min(Parts + more.Parts, long.MaxValue / 2), Math.Max(Nesting, Math.Min(depth + more.Nesting, int.MaxValue / 2)));
}
