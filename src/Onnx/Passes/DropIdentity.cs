using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes;

/// <summary>
/// Removes nodes that give what they were given, bit for bit. Operators are taken in their current version; upgrade an older model first.
/// <list type="number">
/// <item>Identity; Dropout that does not train and whose mask nothing uses; Cast and CastLike to the type that is there.</item>
/// <item>Transpose that leaves every axis at its place.</item>
/// <item>Reshape, Flatten, Squeeze, Unsqueeze, Expand, Tile, Slice and Pad whose result surely has the shape of x, extent by extent, and which
/// then only copy.</item>
/// <item>Concat, Sum, Mean, Max and Min of one input.</item>
/// <item>Mul or Div by a constant that is 1 everywhere, and Sub of one that is 0 everywhere, where the result has the shape and type of x. Add of 0
/// stays: it turns -0 into 0.</item>
/// </list>
/// A node stays where its output could not be replaced without changing what a caller sees: an output of the graph that would then be an input or
/// a constant.
/// </summary>
public sealed class DropIdentity : IPass
{
    private static readonly HashSet<string> Copies = [nameof(Reshape), nameof(Flatten), nameof(Squeeze), nameof(Unsqueeze), nameof(Expand), nameof(Tile), nameof(Slice), nameof(Pad)];
    private static readonly HashSet<string> Folds = [nameof(Concat), "Sum", "Mean", "Max", "Min"];

    /// <inheritdoc/>
    public string Name => "drop-identity";

    /// <inheritdoc/>
    public bool Run(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Graph[] graphs = [.. Rewritable.MainGraphs(model)];
        if (graphs.Length == 0 || model.FirstOlderNode() is not null)
            return false;
        // What a file says of inner values may be wrong, and would make a node that does something look idle.
        var facts = GraphFacts.Infer(model.Graph, trustDeclared: false);
        var changed = false;
        foreach (var graph in graphs)
        {
            var dropped = graph.Nodes.Where(node => IsIdentity(node, facts) && Rewritable.TryReplace(node.Outputs[0]!, node.Inputs[0]!)).ToHashSet();
            changed |= graph.RemoveNodes(dropped.Contains) > 0;
        }
        return changed;
    }

    private static bool IsIdentity(Node node, GraphFacts facts)
    {
        if (node is not { Domain: "" or "ai.onnx", Outputs: [{ } y, ..], Inputs: [{ } x, ..] } || OpTable.Find(node.Domain, node.OpType) is null)
            return false;
        return node.OpType switch
        {
            nameof(Identity) => true,
            nameof(Dropout) => IsAtRest(node, facts),
            nameof(Cast) or nameof(CastLike) => facts[x].DType != DType.Undefined && facts[x].DType == facts[y].DType,
            nameof(Transpose) => KeepsAxes(node, facts[x]),
            "Mul" or "Div" => IsAll(node.Input(1), 1) && HasSameForm(facts[x], facts[y]),
            "Sub" => IsAll(node.Input(1), 0) && HasSameForm(facts[x], facts[y]),
            var name when Copies.Contains(name) => HasSameForm(facts[x], facts[y]) && OnlyCopies(node),
            var name => Folds.Contains(name) && node.Inputs.Count == 1,
        };
    }

    /// <summary>Rule 1.</summary>
    private static bool IsAtRest(Node node, GraphFacts facts) =>
        node.Output(1) is null or { IsUnused: true } && (node.Input(2) is not { } training || facts[training].Ints is [0]);

    /// <summary>Rule 2.</summary>
    private static bool KeepsAxes(Node node, Fact x)
    {
        var perm = ((Transpose)OpTable.Find("", nameof(Transpose))!.Read(node)).Perm;
        return perm is null ? x.Shape is { Rank: <= 1 } : perm.Select((axis, at) => axis == at).All(isKept => isKept);
    }

    /// <summary>Rule 3: with equal extents a Slice could still run backwards, and a Pad take away on one side what it adds on the other.</summary>
    private static bool OnlyCopies(Node node) => node.OpType switch
    {
        nameof(Slice) => node.Input(4) is not { } steps || IsAll(steps, 1),
        nameof(Pad) => IsAll(node.Input(1), 0),
        _ => true,
    };

    /// <summary>Whether both surely have one type and one shape: every extent the same number or the same symbol.</summary>
    private static bool HasSameForm(Fact x, Fact y) =>
        x.DType == y.DType && x.Shape is { } shape && y.Shape is { } result && shape.Equals(result) && shape.All(extent => !extent.IsUnknown);

    private static bool IsAll(Value? value, double number) =>
        value is { IsConstant: true, Initializer: { HasElements: true, Segment: null } tensor }
        && tensor.ElementCount is > 0 and <= Fact.MostElements
        && (tensor.DType is DType.Float32 or DType.Double or DType.Float16 or DType.BFloat16 || tensor.DType.IsInteger())
        && (tensor.DType.IsInteger() ? tensor.ToInt64s().All(element => element == (long)number) : tensor.ToFloats().All(element => BitConverter.SingleToInt32Bits(element) == BitConverter.SingleToInt32Bits((float)number)))
        && (tensor.DType != DType.Double || tensor.As<double>().IndexOfAnyExcept(number) < 0);
}
