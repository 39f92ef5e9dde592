namespace Anneal.Onnx.Ops;

/// <summary>
/// How much work one run of a graph is: arithmetic, learnable parameters and memory, layer by layer. A layer is a node that depends on the
/// graph's inputs; what depends on constants alone is computed once and is no layer. Counts are as <see cref="Cost"/> has them; published
/// figures mostly are <see cref="Cost.MultiplyAdds"/> (ResNet-50 v1.5 on 224 × 224: 4.09 billion).
/// </summary>
public sealed class GraphCost
{
    private GraphCost(IReadOnlyList<LayerCost> layers, long parameters, double? peak) => (Layers, Parameters, PeakActivationBytes) = (layers, parameters, peak);

    /// <summary>Every layer, in the graph's order.</summary>
    public IReadOnlyList<LayerCost> Layers { get; }

    /// <summary>The arithmetic of those layers of which it is known.</summary>
    public Cost Known => Layers.Where(layer => layer.Cost.Flops is not null).Aggregate(Cost.None, (sum, layer) => sum + layer.Cost);

    /// <summary>The arithmetic of all layers; not known when that of one is not.</summary>
    public Cost Total => Layers.Aggregate(Cost.None, (sum, layer) => sum + layer.Cost);

    /// <summary>How many learnable numbers there are; those that several layers share count once.</summary>
    public long Parameters { get; }

    /// <summary>
    /// The most bytes that activations take at any moment when each is freed after its last use, without the weights: an estimate, since runtimes
    /// write some results over their inputs. Null when a shape is not known.
    /// </summary>
    public double? PeakActivationBytes { get; }

    /// <summary>Counts a graph as it runs on a batch: defaults stand for the inputs that have one, and an open first extent of the others is the batch.</summary>
    /// <param name="graph">The graph, in current operator versions.</param>
    /// <param name="batch">How many pictures a run sees; 1 or more. A batch that the graph fixes stays.</param>
    /// <exception cref="AnnealException">A node does not fit its inputs; the message names it.</exception>
    public static GraphCost Of(Graph graph, int batch = 1)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        var given = new Dictionary<string, Fact>();
        foreach (var input in graph.Inputs)
            if (input.Initializer is { } constant)
                given[input.Name] = Fact.Of(constant);
            else if (input.Type is TensorType { Shape: { Rank: > 0 } shape } type && !shape[0].IsKnown)
                given[input.Name] = Fact.Tensor(type.ElementType, new([batch, .. shape.Skip(1)]));
        return Of(graph, GraphFacts.Infer(graph, given));
    }

    /// <summary>Counts a graph with what was inferred of it.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="facts">What was inferred of it; every shape that is not known there leaves something uncounted.</param>
    public static GraphCost Of(Graph graph, GraphFacts facts)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(facts);
        var constants = new ConstantValues(graph);
        var (layers, counted) = (new List<LayerCost>(), new HashSet<Value>());
        foreach (var node in graph.Nodes.Where(node => !constants.Contains(node)))
            layers.Add(new(node, Of(node, facts), Weights(node, constants, facts, counted)));
        return new(layers, layers.Sum(layer => layer.Parameters), ActivationMemory.Peak(graph, constants, facts));
    }

    /// <summary>The arithmetic of a subgraph.</summary>
    internal static Cost Sum(Graph graph, GraphFacts facts)
    {
        var constants = new ConstantValues(graph);
        return graph.Nodes.Where(node => !constants.Contains(node)).Aggregate(Cost.None, (sum, node) => sum + Of(node, facts));
    }

    private static Cost Of(Node node, GraphFacts facts) =>
        OpTable.Find(node.Domain, node.OpType) is { } entry ? Finite(entry.Read(node).Count(new(node, facts))) : Cost.Unknown;

    // A kernel without elements or extents beyond all bounds: such a node cannot run.
    private static Cost Finite(Cost cost) => cost.Flops is { } flops && !double.IsFinite(flops) ? Cost.Unknown : cost;

    /// <summary>
    /// Learnable numbers that no layer before has counted. A scalar is a setting rather than a weight, and whole numbers wider than a byte are indices
    /// and shapes.
    /// </summary>
    private static long Weights(Node node, ConstantValues constants, GraphFacts facts, HashSet<Value> counted)
    {
        var op = OpTable.Find(node.Domain, node.OpType)?.Blank;
        var sum = 0L;
        for (var i = 0; i < node.Inputs.Count; i++)
        {
            if (node.Inputs[i] is not { } value || !constants.Contains(value) || op?.IsLearnable(i) == false)
                continue;
            var type = value.Initializer?.Type ?? facts[value].Type as TensorType;
            if (type is { Shape: { IsStatic: true } shape } && (type.ElementType.IsFloat() || type.ElementType.Bits() is > 0 and <= 8 && type.ElementType != DType.Bool)
                && CostFacts.Elements(shape) is > 1 and < long.MaxValue and var elements && counted.Add(value))
                sum += (long)elements;
        }
        return sum;
    }
}

/// <summary>One layer's share of the work.</summary>
/// <param name="Node">The node.</param>
/// <param name="Cost">Its arithmetic.</param>
/// <param name="Parameters">How many learnable numbers it brings.</param>
public sealed record LayerCost(Node Node, Cost Cost, long Parameters);
