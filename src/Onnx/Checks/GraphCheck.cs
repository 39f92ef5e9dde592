namespace Anneal.Onnx.Checks;

/// <summary>
/// Walks a graph and its subgraphs in the order in which they run, and keeps book of which values have been made. Graphs that are being
/// walked lie on a stack of this class's own, since a file decides how deep they are.
/// </summary>
internal sealed class GraphCheck(CheckScope scope)
{
    private readonly Stack<Frame> _open = [];
    private readonly Dictionary<Graph, Frame> _frames = [];
    private readonly HashSet<Value> _made = [];
    private readonly Dictionary<string, Value> _names = [];

    public void Run(Graph root)
    {
        Enter(root);
        while (_open.TryPeek(out var frame))
            if (frame.Current is { } done && !frame.IsFinished)
                Finish(frame, done);
            else if (frame.Next < frame.Graph.Nodes.Count)
                Start(frame);
            else
                Leave(frame);
    }

    private void Enter(Graph graph)
    {
        var frame = new Frame(graph);
        _open.Push(frame);
        _frames[graph] = frame;
        foreach (var value in graph.Inputs)
            Make(frame, value);
        foreach (var value in graph.Initializers.Concat(graph.SparseInitializers))
            Make(frame, value);
        ConstantCheck.Run(graph, scope);
    }

    /// <summary>Checks a node before its subgraphs, which then are walked before anything can use its outputs.</summary>
    private void Start(Frame frame)
    {
        var node = frame.Graph.Nodes[frame.Next++];
        (frame.Current, frame.IsFinished) = (node, false);
        if (node.Name.Length > 0 && !frame.NodeNames.Add(node.Name))
            scope.Report.Add(CheckRules.NodeNameTwice, scope.Where(node), "Another node of the graph has this name.");
        foreach (var input in node.Inputs)
            if (input is not null && !_made.Contains(input))
                ReportUnmade(node, input);
        NodeCheck.Run(node, scope);
        foreach (var subgraph in node.Subgraphs.Reverse())
            Enter(subgraph);
    }

    private void Finish(Frame frame, Node node)
    {
        frame.IsFinished = true;
        foreach (var output in node.Outputs)
            if (output is not null)
                Make(frame, output);
    }

    private void Leave(Frame frame)
    {
        _open.Pop();
        foreach (var output in frame.Graph.Outputs)
            if (output.IsUndefined && !IsBorrowed(output))
                scope.Report.Add(CheckRules.OutputUndefined, scope.Where(frame.Graph), $"Nothing makes its output '{FaultReport.Clip(output.Name)}'.");
            else if (output.Graph != frame.Graph && !_made.Contains(output) && !output.IsUndefined)
                ReportLate(frame.Graph.Owner!, output);
        OrderCheck.Report(frame.Graph, frame.Late, scope);
        foreach (var name in frame.Names)
            _names.Remove(name);
        _frames.Remove(frame.Graph);
    }

    private void Make(Frame frame, Value value)
    {
        if (!_made.Add(value))
            return;
        if (_names.TryAdd(value.Name, value))
            frame.Names.Add(value.Name);
        else
            scope.Report.Add(CheckRules.NameShadowed, scope.Where(frame.Graph), $"It makes '{FaultReport.Clip(value.Name)}', which a graph around it has made already.");
    }

    private void ReportUnmade(Node node, Value input)
    {
        if (!input.IsUndefined)
            ReportLate(node, input);
        else if (!IsBorrowed(input))
            scope.Report.Add(CheckRules.InputUndefined, scope.Where(node), $"It uses '{FaultReport.Clip(input.Name)}', which nothing makes.");
    }

    /// <summary>The order of a graph's nodes is judged when all uses are known; a use in a subgraph is one of the node that holds it.</summary>
    private void ReportLate(Node user, Value value)
    {
        if (value.Graph is { } graph && _frames.TryGetValue(graph, out var frame))
            frame.Late.Add((user, frame.Current ?? user, value));
    }

    private bool IsBorrowed(Value value) => scope.Borrowed?.Find(value.Name) is { IsUndefined: false };

    /// <summary>A graph that is being walked.</summary>
    private sealed class Frame(Graph graph)
    {
        public Graph Graph { get; } = graph;

        public int Next { get; set; }

        public Node? Current { get; set; }

        public bool IsFinished { get; set; }

        public HashSet<string> NodeNames { get; } = [];

        public List<string> Names { get; } = [];

        public List<(Node User, Node Here, Value Value)> Late { get; } = [];
    }
}
