namespace Anneal.Onnx.Passes.Upgrading;

/// <summary>
/// Before version 7 the second operand was stretched only where <c>broadcast</c> said so, its axes lying against those of the first from
/// <c>axis</c> on, or against the last ones. Since then axes always lie against the last ones, as in NumPy (ONNX, docs/Broadcasting.md).
/// </summary>
internal static class OldBroadcasting
{
    /// <summary>Two operands: the second gets axes of extent 1 at its end until the last axes meet.</summary>
    public static void Align(NodeUpgrade node)
    {
        if (node.Int("broadcast", 0) != 0 && node.Stated("axis") is { } axis)
            AddLastAxes(node, MissingAxes(node, axis.AsInt()));
        Drop(node);
    }

    /// <summary>Gemm: the attribute is gone, and what it allowed is always allowed.</summary>
    public static void Drop(NodeUpgrade node)
    {
        node.Node.RemoveAttribute("broadcast");
        node.Node.RemoveAttribute("axis");
    }

    /// <summary>PRelu: one slope a channel, which is axis 1.</summary>
    public static void AlignSlope(NodeUpgrade node)
    {
        if (node.Shape(1) is { IsStatic: true } stated && stated.All(dim => dim.Value == 1))
            return;
        if (node.Rank(0) is not { } rank || node.Rank(1) is not { } slope)
            throw UnknownRanks(node);
        if (slope == 1 && rank > 2)
            AddLastAxes(node, rank - 2);
    }

    private static int MissingAxes(NodeUpgrade node, long axis)
    {
        if (node.Rank(0) is not { } rank || node.Rank(1) is not { } second)
            throw UnknownRanks(node);
        var missing = rank - (axis < 0 ? axis + rank : axis) - second;
        return missing >= 0 ? (int)missing : throw node.Refuse($"an operand with {second} axes does not fit from axis {axis} on into one with {rank}");
    }

    private static void AddLastAxes(NodeUpgrade node, int count)
    {
        if (count == 0)
            return;
        var shape = Enumerable.Repeat(0L, node.Rank(1)!.Value).Concat(Enumerable.Repeat(1L, count));
        node.SetInput(1, node.Before("Reshape", "aligned", [node.Node.Inputs[1], node.Ints("aligned_shape", shape)]));
    }

    private static AnnealException UnknownRanks(NodeUpgrade node) =>
        node.Refuse($"how many axes its operands have decides how they lie against each other, and that is not known ({node.FactOf(0)} and {node.FactOf(1)}). Declare their shapes in the model");
}
