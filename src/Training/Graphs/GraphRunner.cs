using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Ops;

namespace Anneal.Training.Graphs;

/// <summary>
/// Runs a graph node by node on tensors: each node is applied as an eager call would be, so that a run is recorded like any other code. What the
/// operators are is read once; a graph with an operator that cannot be computed is refused then, not in the middle of a run.
/// </summary>
internal sealed class GraphRunner
{
    private readonly Graph _graph;
    private readonly List<Step> _steps = [];
    private readonly Dictionary<Value, Tensor> _constants = [];

    /// <summary>A runner of a graph in which every operator has its current meaning.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="replace">What to use for a constant, a parameter for instance; null leaves it a plain tensor.</param>
    /// <param name="instead">What to do for a node instead of applying its operator; null applies it.</param>
    /// <exception cref="AnnealException">A node's operator is unknown or cannot be computed; the message names it.</exception>
    public GraphRunner(Graph graph, Func<Value, Tensor?>? replace = null, Func<Node, Op, NodeFunction?>? instead = null)
    {
        _graph = graph;
        foreach (var value in graph.Initializers)
            _constants[value] = replace?.Invoke(value) ?? Constant(value.Initializer!);
        foreach (var node in graph.Nodes)
            _steps.Add(StepOf(node, replace, instead));
    }

    /// <summary>Runs the graph.</summary>
    /// <param name="inputs">A tensor for each input that has no default, in the graph's order.</param>
    public Tensor[] Run(params ReadOnlySpan<Tensor> inputs)
    {
        var required = _graph.RequiredInputs.ToArray();
        if (inputs.Length != required.Length)
            throw new ShapeMismatchException($"Graph '{_graph.Name}' takes {required.Length} inputs ({string.Join(", ", required.Select(v => v.Name))}); {inputs.Length} were given.");
        var frame = new Frame(null);
        for (var i = 0; i < required.Length; i++)
            frame.Set(required[i], inputs[i]);
        return Run(frame);
    }

    /// <summary>Whether this runs a graph.</summary>
    internal bool Runs(Graph graph) => _graph == graph;

    /// <summary>Runs the graph as the body of a node, inside the frame of the graph around it.</summary>
    internal Tensor[] RunInside(Frame around, ReadOnlySpan<Tensor> inputs)
    {
        var frame = new Frame(around);
        for (var i = 0; i < inputs.Length; i++)
            frame.Set(_graph.Inputs[i], inputs[i]);
        return Run(frame);
    }

    private Tensor[] Run(Frame frame)
    {
        foreach (var (value, tensor) in _constants)
            frame.SetDefault(value, tensor);
        foreach (var step in _steps)
            step.Run(frame);
        return [.. _graph.Outputs.Select(frame.Get)];
    }

    private static Step StepOf(Node node, Func<Value, Tensor?>? replace, Func<Node, Op, NodeFunction?>? instead)
    {
        var op = Read(node);
        return new(node, op, [.. node.Subgraphs.Select(subgraph => new GraphRunner(subgraph, replace, instead))], instead?.Invoke(node, op));
    }

    private static Op Read(Node node)
    {
        var entry = OpTable.Find(node.Domain, node.OpType)
            ?? throw new AnnealException($"{node.Title}: {node.Domain}{(node.Domain.Length > 0 ? "." : "")}{node.OpType} is no operator that this engine knows.");
        var op = entry.Read(node);
        if (!ControlFlowRunner.Runs(op))
            _ = KernelTable.Find(op);
        return op;
    }

    private static Tensor Constant(TensorData data)
    {
        var tensor = Tensor.From(data).Keep();
        tensor.MoveTo(null);
        return tensor;
    }

    private sealed record Step(Node Node, Op Op, GraphRunner[] Subgraphs, NodeFunction? Instead)
    {
        public void Run(Frame frame)
        {
            var inputs = new Tensor?[Node.Inputs.Count];
            for (var i = 0; i < inputs.Length; i++)
                inputs[i] = Node.Inputs[i] is { } value ? frame.Get(value) : null;
            var outputs = Apply(frame, inputs);
            for (var i = 0; i < Node.Outputs.Count; i++)
                if (Node.Outputs[i] is { } value)
                    frame.Set(value, outputs[i]);
        }

        private Tensor[] Apply(Frame frame, Tensor?[] inputs)
        {
            try
            {
                if (Instead is { } function)
                    return function(inputs);
                return Subgraphs.Length > 0
                    ? ControlFlowRunner.Run(Op, Subgraphs, frame, inputs)
                    : Tensor.ApplyAll(Op, Node.Outputs.Count, inputs);
            }
            catch (AnnealException e)
            {
                throw new AnnealException($"{Node.Title}: {e.Message}", e);
            }
        }
    }
}

/// <summary>What a node does: its outputs from its inputs, null where one is left out.</summary>
internal delegate Tensor[] NodeFunction(Tensor?[] inputs);

/// <summary>The values of one run of a graph, inside those of the graph around it.</summary>
internal sealed class Frame(Frame? around)
{
    private readonly Dictionary<Value, Tensor> _tensors = [];

    public void Set(Value value, Tensor tensor) => _tensors[value] = tensor;

    /// <summary>Sets a value that was not given.</summary>
    public void SetDefault(Value value, Tensor tensor) => _tensors.TryAdd(value, tensor);

    public Tensor Get(Value value)
    {
        for (var frame = this; frame is not null; frame = frame.Around)
            if (frame._tensors.TryGetValue(value, out var tensor))
                return tensor;
        throw new InvalidModelException($"The value '{value.Name}' is used before anything makes it.");
    }

    private Frame? Around { get; } = around;
}
