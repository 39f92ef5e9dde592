using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes;

namespace Anneal.Training.Nn;

/// <summary>Makes of a model the graph that a module runs.</summary>
internal static class ImportedGraph
{
    /// <summary>
    /// A copy with current operators, without function calls, in which constants of nodes are initializers and each BatchNormalization has running
    /// statistics of its own. It computes what the model does.
    /// </summary>
    public static Graph Prepare(Model model) => Prepare(model, new());

    /// <summary>As <see cref="Prepare(Model)"/>, noting what was moved, so that it can be moved back.</summary>
    public static Graph Prepare(Model model, ImportedOrigins origins)
    {
        var copy = UpgradeOpset.Upgraded(model);
        copy = copy == model ? model.Copy() : copy;
        _ = new InlineFunctions().Run(copy);
        foreach (var graph in copy.Graph.SelfAndSubgraphs().ToArray())
        {
            LiftConstants(graph, origins);
            SeparateStatistics(graph, origins);
        }
        return copy.Graph;
    }

    /// <summary>The nodes that compute with rounded numbers.</summary>
    public static IReadOnlyList<Node> Quantised(Graph graph) =>
        [.. graph.SelfAndSubgraphs().SelectMany(g => g.Nodes).Where(node => OpTable.Find(node.Domain, node.OpType)?.Blank
            is QuantizeLinear or DequantizeLinear or DynamicQuantizeLinear or QLinearConv or QLinearMatMul or ConvInteger or MatMulInteger)];

    /// <summary>Some exporters write weights as nodes Constant.</summary>
    private static void LiftConstants(Graph graph, ImportedOrigins origins)
    {
        var constants = new Dictionary<Node, IReadOnlyList<TensorData?>>();
        foreach (var node in graph.Nodes.Where(node => node.Calls("Constant")))
            if (((Constant)OpTable.Find("", "Constant")!.Read(node)).Dense() is { } tensor)
            {
                constants.Add(node, [tensor]);
                origins.Lifted(node);
            }
        graph.MakeConstant(constants);
    }

    /// <summary>
    /// Exporters store equal tensors once. A mean or variance that stands for several things would be moved by each of them in training.
    /// </summary>
    private static void SeparateStatistics(Graph graph, ImportedOrigins origins)
    {
        foreach (var node in graph.Nodes.Where(node => node.Calls("BatchNormalization")))
            for (var input = 3; input <= 4; input++)
                if (node.Input(input) is { Initializer: { } tensor, Uses.Count: > 1 } value)
                {
                    node.SetInput(input, graph.AddInitializer(tensor.WithName(graph.UniqueName(value.Name))));
                    origins.Separated(node, input, value);
                }
    }
}
