using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes.Folding;

/// <summary>Rule 5 of <see cref="FoldConstants"/>: a shape that is partly worked out at run time as one that is not.</summary>
internal static class ReshapeTarget
{
    /// <summary>The constant shape; null when there is none that means the same for every x.</summary>
    /// <param name="reshape">The operator.</param>
    /// <param name="x">What is known of x's shape.</param>
    /// <param name="asked">What is known of the shape that is asked for.</param>
    public static long[]? Find(Reshape reshape, Shape? x, IReadOnlyList<Dim> asked)
    {
        var target = new long[asked.Count];
        var (mayBeZero, open) = (false, 0);
        for (var axis = 0; axis < target.Length; axis++)
        {
            var own = x is not null && axis < x.Rank ? x[axis] : Dim.Unknown;
            var copies = !reshape.AllowZero && !own.IsUnknown && asked[axis] == own;
            target[axis] = asked[axis].IsKnown ? asked[axis].Value : copies ? 0 : -1;
            mayBeZero |= target[axis] == 0 && (reshape.AllowZero || own is not { IsKnown: true, Value: > 0 });
            open += target[axis] == -1 ? 1 : 0;
        }
        // What is asked for with -1 in the file fails on such an x as it did; a number that becomes -1 here would fail where it did not.
        var stays = open == asked.Count(dim => dim is { IsKnown: true, Value: -1 });
        return open == 0 || stays || (open == 1 && !mayBeZero) ? target : null;
    }
}
