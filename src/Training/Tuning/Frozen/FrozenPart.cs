using Anneal.Onnx;
using Anneal.Onnx.Passes;

namespace Anneal.Training.Tuning;

/// <summary>Finds how far from its inputs a model holds nothing trained.</summary>
internal sealed class FrozenPart(Model model, Func<string, bool> isTrained)
{
    private readonly CutPoints _points = new(model.Graph);
    private readonly ModelShapes _shapes = new(model);
    private readonly HashSet<Value> _trained = [];

    /// <summary>The value at its end; null when there is none.</summary>
    public Value? End()
    {
        FollowConstants();
        Value? end = null;
        Value? beforeDropout = null;
        var hasDropout = false;
        foreach (var (node, open) in _points.Walk())
        {
            if (IsTrained(node))
                break;
            // A Dropout that no layer follows is left to the rest.
            if (IsLayer(node))
                hasDropout = false;
            if (node.Calls("Dropout") && !hasDropout)
                (hasDropout, beforeDropout) = (true, end);
            if (open.Count == 1 && open.First() is { Producer: not null } only && !model.Graph.Outputs.Contains(only))
                end = only;
        }
        return hasDropout ? beforeDropout : end;
    }

    /// <summary>What is computed of trained constants is trained.</summary>
    private void FollowConstants()
    {
        foreach (var constant in model.Graph.Values.Where(value => !_points.IsData(value) && isTrained(value.Name)))
            _trained.Add(constant);
        foreach (var node in model.Graph.Nodes)
            if (IsTrained(node))
                _trained.UnionWith(node.Outputs.OfType<Value>().Where(output => !_points.IsData(output)));
    }

    private bool IsTrained(Node node) =>
        Leftovers.Inputs(node).Any(_trained.Contains) || node.Subgraphs.SelectMany(graph => graph.SelfAndSubgraphs()).SelectMany(graph => graph.Values).Any(value => value.IsConstant && isTrained(value.Name));

    /// <summary>Whether a node computes with a constant of more than one number.</summary>
    private bool IsLayer(Node node) => Enumerable.Range(1, Math.Max(0, node.Inputs.Count - 1))
        .Any(index => HeadConstant.Find(node, index, _shapes) is { DType: DType.Float32 or DType.Double or DType.Float16, Dims.Length: > 0 });
}
