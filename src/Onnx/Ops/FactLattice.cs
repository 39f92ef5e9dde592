namespace Anneal.Onnx.Ops;

/// <summary>Facts ordered by how much they say.</summary>
internal static class FactLattice
{
    /// <summary>What holds of a value that is one or the other: the branches of an If, the rounds of a loop. The first itself when the second contradicts none of it.</summary>
    public static Fact Join(Fact a, Fact b)
    {
        var type = Join(a.Type, b.Type);
        var elements = type is TensorType { Shape.IsStatic: true } ? Join(a.Elements, b.Elements) : null;
        var constant = ReferenceEquals(a.Constant, b.Constant) ? a.Constant : null;
        return ReferenceEquals(type, a.Type) && ReferenceEquals(elements, a.Elements) && ReferenceEquals(constant, a.Constant)
            ? a
            : new() { Type = type, Elements = elements, Constant = constant };
    }

    /// <summary>Fact by fact; the first list itself when nothing of it is contradicted.</summary>
    public static IReadOnlyList<Fact> Join(IReadOnlyList<Fact> a, IReadOnlyList<Fact> b)
    {
        Fact[] joined = [.. a.Zip(b, Join)];
        return joined.Zip(a).All(pair => ReferenceEquals(pair.First, pair.Second)) ? a : joined;
    }

    /// <summary>What was inferred, with what is declared in the places where nothing was.</summary>
    public static Fact Complete(Fact inferred, Fact declared)
    {
        if (inferred.Type is not TensorType found || declared.Type is not TensorType stated)
            return inferred.Type is null ? declared : inferred;
        var dtype = found.ElementType == DType.Undefined ? stated.ElementType : found.ElementType;
        return inferred with { Type = new TensorType(dtype, Complete(found.Shape, stated.Shape)) };
    }

    private static OnnxType? Join(OnnxType? a, OnnxType? b)
    {
        if (a is not TensorType x || b is not TensorType y)
            return Equals(a, b) ? a : null;
        var dtype = x.ElementType == y.ElementType ? x.ElementType : DType.Undefined;
        var shape = Join(x.Shape, y.Shape);
        return dtype == x.ElementType && ReferenceEquals(shape, x.Shape) ? a : new TensorType(dtype, shape);
    }

    private static Shape? Join(Shape? a, Shape? b)
    {
        if (a is null || b is null || a.Rank != b.Rank)
            return null;
        var joined = new Shape([.. a.Zip(b, Join)]);
        return joined.Equals(a) ? a : joined;
    }

    private static IReadOnlyList<Dim>? Join(IReadOnlyList<Dim>? a, IReadOnlyList<Dim>? b)
    {
        if (a is null || b is null)
            return null;
        Dim[] joined = [.. a.Zip(b, Join)];
        return joined.SequenceEqual(a) ? a : joined;
    }

    private static Dim Join(Dim a, Dim b) => a == b ? a : Dim.Unknown;

    private static Shape? Complete(Shape? inferred, Shape? declared)
    {
        if (inferred is null || declared is null || inferred.Rank != declared.Rank)
            return inferred ?? declared;
        return new([.. inferred.Select((dim, axis) => dim.IsUnknown ? declared[axis] : dim)]);
    }
}
