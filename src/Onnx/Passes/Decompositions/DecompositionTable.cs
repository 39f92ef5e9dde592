using System.Collections.Frozen;

namespace Anneal.Onnx.Passes.Decompositions;

/// <summary>The operators that are rewritten into others, each with what writes them.</summary>
internal static class DecompositionTable
{
    private static readonly FrozenDictionary<string, Action<Replacement>> ByName = new Dictionary<string, Action<Replacement>>
    {
        ["AffineGrid"] = AffineGridParts.Write,
        ["Attention"] = AttentionParts.Write,
        ["BlackmanWindow"] = replacement => SignalWindowParts.Write(replacement, 0.42, 0.5, 0.08),
        ["CausalConvWithState"] = CausalConvParts.Write,
        ["HammingWindow"] = replacement => SignalWindowParts.Write(replacement, 25.0 / 46, 21.0 / 46, 0),
        ["HannWindow"] = replacement => SignalWindowParts.Write(replacement, 0.5, 0.5, 0),
        ["RotaryEmbedding"] = RotaryEmbeddingParts.Write,
    }.ToFrozenDictionary();

    /// <summary>What writes a node's parts, or null when the node is not rewritten.</summary>
    public static Action<Replacement>? Find(Node node) => OperatorSets.Normalise(node.Domain) == "ai.onnx" ? ByName.GetValueOrDefault(node.OpType) : null;
}
