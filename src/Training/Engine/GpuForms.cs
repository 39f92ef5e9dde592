using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Devices;
using Anneal.Training.Graphs;
using Anneal.Training.Ops;

namespace Anneal.Training;

/// <summary>Which nodes of a graph run on its device, where the graph is given a GPU, and which of them nothing computes there.</summary>
internal sealed class GpuForms
{
    private readonly GraphFacts _facts;
    private readonly HashSet<Value> _onDevice = [];
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<Node, string?> _missing = [];

    public GpuForms(Graph graph)
    {
        _facts = GraphFacts.Infer(graph);
        Follow(graph, Steering.Of(graph));
    }

    /// <summary>The nodes that run on the device; those that only work on shapes and constants run on the processor.</summary>
    public IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>Nothing when the node's operator has a kernel for GPUs, an empty text when it has none, and what it is made of that has none.</summary>
    public string? Missing(Node node)
    {
        if (!_missing.TryGetValue(node, out var missing))
            _missing[node] = missing = Find(node);
        return missing;
    }

    private void Follow(Graph graph, IReadOnlySet<Value> steering)
    {
        _onDevice.UnionWith(graph.Inputs);
        _onDevice.UnionWith(graph.Initializers.Where(value => !steering.Contains(value)));
        foreach (var node in graph.Nodes)
        {
            foreach (var subgraph in node.Subgraphs)
                Follow(subgraph, steering);
            var runsThere = node.Inputs.Index().Any(input => input.Item is not null && _onDevice.Contains(input.Item) && !Steering.Reads(node, input.Index));
            if (runsThere && !node.Subgraphs.Any())
                _nodes.Add(node);
            if (runsThere || node.Subgraphs.Any())
                _onDevice.UnionWith(node.Outputs.OfType<Value>());
        }
    }

    private string? Find(Node node)
    {
        var op = OpTable.Find(node.Domain, node.OpType)!.Read(node);
        var kernel = KernelTable.Find(op);
        return kernel is CompositeKernel ? PartWithout(node, op) : kernel.HasGpuForm ? null : "";
    }

    /// <summary>
    /// An operator that is made of others is tried on numbers made up in the shapes that are known. Where it takes none of them, for want of a shape or because it
    /// looks at the numbers, the first run tells.
    /// </summary>
    private string? PartWithout(Node node, Op op)
    {
        using var off = Grad.Off();
        using var recording = Recording.Begin();
        try
        {
            Tensor.ApplyAll(op, node.Outputs.Count, [.. node.Inputs.Select((input, i) => input is null ? null : MadeUp(input, Steering.Reads(node, i)))]);
        }
        catch (AnnealException)
        {
            return null;
        }
        return recording.Entries.OfType<AppliedOp>().FirstOrDefault(entry => entry.Outputs[0].Compute is TrialDevice && !KernelTable.Find(entry.Op).HasGpuForm)?.Op.Name;
    }

    private Tensor MadeUp(Value value, bool isSteering)
    {
        if (isSteering && value.Initializer is { } data)
            return Tensor.From(data);
        if (_facts[value] is not { Shape: { } shape, DType: var dtype } || !EngineTensors.Holds(dtype))
            throw new ShapeMismatchException($"Nothing is known of the shape of '{value.Name}'.");
        int[] extents = [.. shape.Select(extent => extent.IsKnown ? (int)extent.Value : 1)];
        return Tensor.Zeros(TensorShape.Of(extents), dtype, isSteering ? Device.Cpu : TrialDevice.Instance.Name);
    }
}
