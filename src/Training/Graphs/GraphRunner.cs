using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Devices;
using Anneal.Training.Ops;

namespace Anneal.Training.Graphs;

/// <summary>
/// Runs a graph node by node on tensors: each node is applied as an eager call would be, so that a run is recorded like any other code. What the
/// operators are is read once; a graph with an operator that cannot be computed is refused then, not in the middle of a run. Where nothing is
/// recorded, a value goes as soon as the last node that reads it has run. Any number of threads may run one graph.
/// </summary>
internal sealed class GraphRunner
{
    private readonly Graph _graph;
    private readonly Value[] _required;
    private readonly GraphStep[] _steps;
    private readonly Dictionary<Value, Tensor> _constants = [];

    /// <summary>A runner of a graph in which every operator has its current meaning.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="replace">What to use for a constant, a parameter for instance; null leaves it a plain tensor.</param>
    /// <param name="instead">What to do for a node instead of applying its operator; null applies it.</param>
    /// <exception cref="AnnealException">A node's operator is unknown or cannot be computed; the message names it.</exception>
    public GraphRunner(Graph graph, Func<Value, Tensor?>? replace = null, Func<Node, Op, NodeFunction?>? instead = null)
        : this(graph, replace, instead, null)
    {
    }

    private GraphRunner(Graph graph, Func<Value, Tensor?>? replace, Func<Node, Op, NodeFunction?>? instead, IReadOnlySet<Value>? placeless)
    {
        (_graph, _required) = (graph, [.. graph.RequiredInputs]);
        foreach (var value in graph.Initializers)
            _constants[value] = replace?.Invoke(value) ?? Constant(value.Initializer!);
        var endings = Lifetimes.Of(graph);
        placeless ??= Placeless.Of(graph, value => _constants.GetValueOrDefault(value) is MutableTensor);
        _steps = [.. graph.Nodes.Select((node, i) => StepOf(node, endings[i], replace, instead, placeless))];
    }

    /// <summary>Runs the graph.</summary>
    /// <param name="inputs">A tensor for each input that has no default, in the graph's order.</param>
    public Tensor[] Run(params ReadOnlySpan<Tensor> inputs) => Run(inputs, null, CancellationToken.None);

    /// <summary>Runs the graph.</summary>
    /// <param name="inputs">A tensor for each input that has no default, in the graph's order.</param>
    /// <param name="destinations">Memory in which a caller would like to have outputs; where one does not come there, it is to be copied.</param>
    /// <param name="cancellation">Ends the run between two nodes.</param>
    public Tensor[] Run(ReadOnlySpan<Tensor> inputs, IReadOnlyDictionary<Value, LentMemory>? destinations, CancellationToken cancellation)
    {
        if (inputs.Length != _required.Length)
            throw new ShapeMismatchException($"Graph '{_graph.Name}' takes {_required.Length} inputs ({string.Join(", ", _required.Select(v => v.Name))}); {inputs.Length} were given.");
        var frame = new Frame(destinations, cancellation);
        for (var i = 0; i < _required.Length; i++)
            frame.Set(_required[i], inputs[i]);
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

    private static GraphStep StepOf(Node node, Value[] ending, Func<Value, Tensor?>? replace, Func<Node, Op, NodeFunction?>? instead, IReadOnlySet<Value> placeless)
    {
        var op = Read(node);
        return new(node, op, [.. node.Subgraphs.Select(subgraph => new GraphRunner(subgraph, replace, instead, placeless))], instead?.Invoke(node, op), ending, placeless);
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
}
