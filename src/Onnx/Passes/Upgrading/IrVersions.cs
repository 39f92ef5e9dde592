namespace Anneal.Onnx.Passes.Upgrading;

/// <summary>The IR version that each operator set came with (ONNX, docs/Versioning.md, "Released Versions").</summary>
internal static class IrVersions
{
    // The first operator set of each IR version from 4 on. IR version 3 wants every initializer to be an input too, so none is left in it.
    private static readonly int[] FirstSets = [9, 10, 11, 12, 15, 19, 21, 23, 24, 25];

    /// <summary>The IR version for a version of ONNX's own operator set.</summary>
    public static long Of(int operatorSet) => 3 + Math.Max(1, FirstSets.Count(first => first <= operatorSet));
}
