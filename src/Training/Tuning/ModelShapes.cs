using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes;

namespace Anneal.Training.Tuning;

/// <summary>The types of a model's values as inference finds them, whatever operator set the model is of. Found when first asked for.</summary>
internal sealed class ModelShapes(Model model)
{
    private readonly Lazy<(Graph Graph, GraphFacts Facts)> _inferred = new(() => Infer(model));

    /// <summary>The type of a value of the model's main graph; null where nothing is known.</summary>
    public TensorType? TypeOf(Value value)
    {
        var (graph, facts) = _inferred.Value;
        return graph.Find(value.Name) is { } upgraded ? facts[upgraded].Type as TensorType : value.Type as TensorType;
    }

    /// <summary>The shape of a value; null where not even the number of axes is known.</summary>
    public Shape? ShapeOf(Value value) => TypeOf(value)?.Shape;

    private static (Graph, GraphFacts) Infer(Model model)
    {
        var graph = UpgradeOpset.Upgraded(model).Graph;
        return (graph, GraphFacts.Infer(graph));
    }
}
