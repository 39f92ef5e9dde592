namespace Anneal.Onnx.Ops;

/// <summary>
/// How much arithmetic something is. Counts are doubles: exact up to 2^53, and a hostile shape gives a large number rather than an overflow.
/// A count is null when a shape that it depends on is not known.
/// </summary>
/// <param name="MultiplyAdds">Products that are added to a sum, as in convolutions and matrix products.</param>
/// <param name="Operations">
/// Everything else: one for each addition, comparison, activation or other function of an element. Moving and converting elements counts nothing.
/// </param>
public readonly record struct Cost(double? MultiplyAdds, double? Operations)
{
    /// <summary>No arithmetic at all.</summary>
    public static Cost None => new(0, 0);

    /// <summary>Nothing is known.</summary>
    public static Cost Unknown => default;

    /// <summary>Floating-point operations: a multiply-add is two.</summary>
    public double? Flops => (2 * MultiplyAdds) + Operations;

    /// <summary>Both together; not known when one is not.</summary>
    public static Cost operator +(Cost a, Cost b) => new(a.MultiplyAdds + b.MultiplyAdds, a.Operations + b.Operations);

    /// <summary>The cost of so many rounds; not known when their number is not.</summary>
    public static Cost operator *(double? rounds, Cost cost) => new(rounds * cost.MultiplyAdds, rounds * cost.Operations);

    /// <summary>So many operations that are no multiply-adds.</summary>
    internal static Cost Of(double? operations) => new(0, operations);
}
