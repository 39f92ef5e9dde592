namespace Anneal.Cli.Handwriting;

/// <summary>A stroke as a chain of short straight pieces: a Catmull-Rom spline through the knots, broken at corners.</summary>
internal static class Curve
{
    private const int Pieces = 8;

    /// <summary>The points of the chain, the first and the last knot included.</summary>
    public static IEnumerable<(double X, double Y)> Through(IReadOnlyList<Knot> knots)
    {
        yield return (knots[0].X, knots[0].Y);
        for (var span = 0; span + 1 < knots.Count; span++)
        {
            var (from, to) = (knots[span], knots[span + 1]);
            var before = span == 0 || from.IsCorner ? from : knots[span - 1];
            var after = span + 2 == knots.Count || to.IsCorner ? to : knots[span + 2];
            for (var piece = 1; piece <= Pieces; piece++)
            {
                var t = (double)piece / Pieces;
                yield return (At(before.X, from.X, to.X, after.X, t), At(before.Y, from.Y, to.Y, after.Y, t));
            }
        }
    }

    /// <summary>The cubic between b and c whose slopes there are half the way from a to c and from b to d.</summary>
    private static double At(double a, double b, double c, double d, double t) =>
        b + (0.5 * t * (c - a + (t * ((2 * a) - (5 * b) + (4 * c) - d + (t * ((3 * (b - c)) + d - a))))));
}
