using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Nn;

/// <summary>Which initializers of a graph are parameters; <see cref="OnnxModule"/> states the rule.</summary>
internal sealed class ImportedWeights
{
    // What has come through a layer with weights.
    private readonly HashSet<Value> _learned = [];

    public ImportedWeights(Graph graph)
    {
        foreach (var node in graph.SelfAndSubgraphs().SelectMany(g => g.Nodes))
            if (IsLayer(node) || node.Inputs.Any(input => input is not null && _learned.Contains(input)))
                _learned.UnionWith(node.Outputs.OfType<Value>());
    }

    /// <summary>Whether training changes the value.</summary>
    public bool IsParameter(Value value) => value.Initializer is { } data && Uses(value).Any(use => IsWeight(use, data) || IsSummand(use, data));

    /// <summary>Whether the value is a running mean or variance.</summary>
    public static bool IsStatistic(Value value) => value.Uses.Any(use => OpOf(use.Node) is BatchNormalization && use.Index is 3 or 4);

    /// <summary>Whether nodes compute with the value, so that it goes with their precision; otherwise it steers them, as Resize's scales do.</summary>
    public static bool IsOperand(Value value) => value.Uses.All(use => OpOf(use.Node)?.IsLearnable(use.Index) != false);

    /// <summary>Rule 1.</summary>
    private static bool IsWeight(Use use, TensorData data) => IsLayer(use.Node)
        && OpOf(use.Node)!.IsLearnable(use.Index) && (OpOf(use.Node) is not Gather || data.Dims.Length > 1);

    /// <summary>Rule 2.</summary>
    private bool IsSummand(Use use, TensorData data) => data.ElementCount > 1
        && OpOf(use.Node) is Elementwise { Name: "Add" or "Sub" or "Mul" or "Div" } or Concat
        && use.Node.Inputs.Any(input => input is not null && _learned.Contains(input));

    private static bool IsLayer(Node node) => OpOf(node)
        is Conv or ConvTranspose or DeformConv or Gemm or MatMul or Onnx.Ops.Einsum or Gather or PRelu or RecurrentLayer
        or BatchNormalization or InstanceNormalization or GroupNormalization or LayerNormalization or RMSNormalization;

    private static bool IsMove(Node node) => OpOf(node) is Onnx.Ops.Identity or Reshape or Transpose or Squeeze or Unsqueeze or Onnx.Ops.Flatten or Expand;

    /// <summary>The uses of a value, those behind nodes that only move its elements included.</summary>
    private static IEnumerable<Use> Uses(Value value)
    {
        var waiting = new Stack<Value>([value]);
        while (waiting.TryPop(out var next))
            foreach (var use in next.Uses)
                if (IsMove(use.Node) && use is { Index: 0, Node.Outputs: [{ } moved] })
                    waiting.Push(moved);
                else
                    yield return use;
    }

    private static Op? OpOf(Node node) => OpTable.Find(node.Domain, node.OpType)?.Blank;
}
