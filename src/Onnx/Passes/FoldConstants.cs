using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes.Folding;

namespace Anneal.Onnx.Passes;

/// <summary>
/// Puts initializers in the place of nodes whose outputs are known before anything runs, in the main graph and its subgraphs. Results are bit for
/// bit those of the runtime. Operators are taken in their current version; upgrade an older model first.
/// <list type="number">
/// <item>A Constant node becomes an initializer, whatever its size; one that is stored sparse stays.</item>
/// <item>Integers that inference knows in full become an initializer: extents and what is computed from them (Shape, Size, Gather, Concat …), and
/// the few real numbers that it follows.</item>
/// <item>Constants that are only moved are moved: Reshape, Flatten, Squeeze, Unsqueeze, Identity, Transpose, Slice, Concat, Gather, Expand,
/// ConstantOfShape, and Cast where every element stays the same number.</item>
/// <item>Other nodes on constants are computed by the evaluator, when there is one. DequantizeLinear is not: the small form of its weights is the
/// point of it.</item>
/// <item>A Reshape whose shape is worked out at run time gets a constant shape when one extent alone is not known (it becomes -1), or when those
/// not known are x's own of the same axis (they become 0). It stays where an extent that may be zero would leave -1 without a meaning.</item>
/// </list>
/// No rule but the first makes a tensor of more than <see cref="MostBytes"/>, nor, all together, of more than <see cref="MostBytesTogether"/>.
/// Random operators, nodes of unknown operators and what is an output of a graph stay. Only inputs' types count, not what the file declares of
/// inner values. A model that carries training steps is left alone.
/// </summary>
/// <param name="evaluator">What computes nodes for rule 4; null leaves them.</param>
public sealed class FoldConstants(IConstantEvaluator? evaluator = null) : IPass
{
    /// <summary>The most bytes of a tensor that the pass makes: 1 MiB.</summary>
    public const long MostBytes = 1 << 20;

    /// <summary>The most bytes that a model's small tensors may have together before the pass makes no more of them: 128 MiB.</summary>
    public const long MostBytesTogether = 128 << 20;

    // What one round has folded may tell the next more. A longer chain goes on when the pass runs again.
    private const int MostRounds = 16;

    /// <inheritdoc/>
    public string Name => "fold-constants";

    /// <inheritdoc/>
    public bool Run(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var rounds = 0;
        while (rounds < MostRounds && RunOnce(model))
            rounds++;
        return rounds > 0;
    }

    private bool RunOnce(Model model)
    {
        Graph[] graphs = [.. Rewritable.MainGraphs(model)];
        if (graphs.Length == 0)
            return false;
        var folder = new NodeFolder(GraphFacts.Infer(model.Graph, trustDeclared: false), evaluator, model.OperatorSets, new(graphs));
        var changed = false;
        foreach (var graph in graphs)
        {
            changed |= folder.Fold(graph);
            foreach (var node in graph.Nodes.Where(node => node.OpType == nameof(Reshape)))
                changed |= folder.FixShape(node);
        }
        return changed;
    }
}
