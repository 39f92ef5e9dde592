namespace Anneal.Onnx.Ops;

/// <summary>Arithmetic on extents: exact where numbers are known, unknown where they are not, and never a wrong constant.</summary>
internal static class Extent
{
    public static Dim Add(Dim a, Dim b) => (a, b) switch
    {
        ({ IsKnown: true }, { IsKnown: true }) => Fitting((Int128)a.Value + b.Value),
        (_, { IsKnown: true, Value: 0 }) => a,
        ({ IsKnown: true, Value: 0 }, _) => b,
        _ => Dim.Unknown,
    };

    public static Dim Multiply(Dim a, Dim b) => (a, b) switch
    {
        ({ IsKnown: true }, { IsKnown: true }) => Fitting((Int128)a.Value * b.Value),
        (_, { IsKnown: true, Value: 1 }) => a,
        ({ IsKnown: true, Value: 1 }, _) => b,
        (_, { IsKnown: true, Value: 0 }) or ({ IsKnown: true, Value: 0 }, _) => 0,
        _ => Dim.Unknown,
    };

    /// <summary>The product of several extents; 1 for none.</summary>
    public static Dim Product(IEnumerable<Dim> dims) => dims.Aggregate(Dim.Of(1), Multiply);

    /// <summary>Applies a formula to a known extent; an unknown one stays unknown.</summary>
    public static Dim Map(Dim dim, Func<long, long> formula) => dim.IsKnown ? formula(dim.Value) : Dim.Unknown;

    /// <summary>No tensor is as large as a number beyond 64 bits: a file that asks for one does not say what it means.</summary>
    public static Dim Fitting(Int128 extent) => extent >= long.MinValue && extent <= long.MaxValue ? (long)extent : Dim.Unknown;
}
