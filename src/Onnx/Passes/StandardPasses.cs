namespace Anneal.Onnx.Passes;

/// <summary>
/// The passes that make any model smaller and change nothing that it computes beyond a last digit, in the order in which each prepares the next:
/// calls are opened, types are found, constants computed, what does nothing goes, normalisation goes into weights, and what nobody needs any
/// more is dropped. They take operators in their current version; an older model is upgraded first (<see cref="UpgradeOpset"/>).
/// </summary>
public static class StandardPasses
{
    /// <summary>The passes.</summary>
    /// <param name="evaluator">What computes constant nodes, for <see cref="FoldConstants"/>; null leaves those that are more than a move.</param>
    public static IReadOnlyList<IPass> Make(IConstantEvaluator? evaluator = null) =>
    [
        new InlineFunctions(),
        new InferShapes(),
        new FoldConstants(evaluator),
        new DropIdentity(),
        new FoldBatchNorm(),
        new MergeInitializers(),
        new DropUnused(),
    ];
}
