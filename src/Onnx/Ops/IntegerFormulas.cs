using System.Collections.Frozen;

namespace Anneal.Onnx.Ops;

/// <summary>
/// Elementwise operators on integers and bools of which a number, a symbol or nothing is known. Symbols are extents, so they are never
/// negative; they survive where the result is surely the symbol itself.
/// </summary>
internal static class IntegerFormulas
{
    private static readonly FrozenDictionary<string, Func<Dim, Dim>> Unary = new Dictionary<string, Func<Dim, Dim>>
    {
        ["Abs"] = x => x.IsKnown ? Number(Int128.Abs(x.Value)) : x,
        ["BitwiseNot"] = x => x.IsKnown ? ~x.Value : Dim.Unknown,
        ["Neg"] = x => x.IsKnown ? Number(-(Int128)x.Value) : Dim.Unknown,
        ["Not"] = x => x.IsKnown ? Truth(x.Value == 0) : Dim.Unknown,
        ["Relu"] = x => x.IsKnown ? Math.Max(0, x.Value) : x,
        ["Sign"] = x => x.IsKnown ? Math.Sign(x.Value) : Dim.Unknown,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, Func<Dim, Dim, Dim>> Binary = new Dictionary<string, Func<Dim, Dim, Dim>>
    {
        ["Add"] = Add,
        ["And"] = (a, b) => IsNumber(a, 0) || IsNumber(b, 0) ? 0 : Both(a, b, (x, y) => x & y),
        ["BitwiseAnd"] = (a, b) => Both(a, b, (x, y) => x & y),
        ["BitwiseOr"] = (a, b) => Both(a, b, (x, y) => x | y),
        ["BitwiseXor"] = (a, b) => Both(a, b, (x, y) => x ^ y),
        ["Div"] = (a, b) => IsNumber(b, 1) ? a : IsNumber(b, 0) ? Dim.Unknown : Both(a, b, (x, y) => x / y),
        ["Equal"] = Equal,
        ["Greater"] = (a, b) => Both(a, b, (x, y) => x > y ? 1 : 0),
        ["GreaterOrEqual"] = (a, b) => Both(a, b, (x, y) => x >= y ? 1 : 0),
        ["Less"] = (a, b) => Both(a, b, (x, y) => x < y ? 1 : 0),
        ["LessOrEqual"] = (a, b) => Both(a, b, (x, y) => x <= y ? 1 : 0),
        ["Max"] = Max,
        ["Min"] = Min,
        ["Mul"] = Multiply,
        ["Or"] = (a, b) => IsNumber(a, 1) || IsNumber(b, 1) ? 1 : Both(a, b, (x, y) => x | y),
        ["Sub"] = (a, b) => IsNumber(b, 0) ? a : IsSame(a, b) ? 0 : Both(a, b, (x, y) => x - y),
        ["Xor"] = (a, b) => Both(a, b, (x, y) => x ^ y),
    }.ToFrozenDictionary();

    /// <summary>The formula of an elementwise operator; null when integers are not followed through it. More than two inputs fold from the left.</summary>
    public static Func<Dim[], Dim>? Find(string op)
    {
        if (Unary.TryGetValue(op, out var unary))
            return given => unary(given[0]);
        // Sum takes float tensors only, so it needs no formula.
        return Binary.TryGetValue(op, out var binary) ? given => given.Aggregate(binary) : null;
    }

    public static Dim Add(Dim a, Dim b) => IsNumber(a, 0) ? b : IsNumber(b, 0) ? a : Both(a, b, (x, y) => x + y);

    public static Dim Multiply(Dim a, Dim b) =>
        IsNumber(a, 0) || IsNumber(b, 0) ? 0 : IsNumber(a, 1) ? b : IsNumber(b, 1) ? a : Both(a, b, (x, y) => x * y);

    public static Dim Max(Dim a, Dim b) => IsSame(a, b) ? a : Both(a, b, Int128.Max);

    public static Dim Min(Dim a, Dim b) => IsSame(a, b) ? a : Both(a, b, Int128.Min);

    /// <summary>The remainder: its sign is the divisor's, or with <paramref name="truncated"/> the dividend's as in C.</summary>
    public static Dim Modulo(Dim a, Dim b, bool truncated) => IsNumber(b, 0)
        ? Dim.Unknown
        : Both(a, b, (x, y) => truncated || x % y == 0 || (x < 0) == (y < 0) ? x % y : (x % y) + y);

    /// <summary>The number if the element type can hold it, else unknown: what overflow gives is not followed.</summary>
    public static Dim Fit(DType dtype, Dim value)
    {
        if (!value.IsKnown)
            return value;
        var bits = dtype == DType.Bool ? 1 : dtype.Bits();
        var isSigned = dtype is DType.Int2 or DType.Int4 or DType.Int8 or DType.Int16 or DType.Int32 or DType.Int64;
        var (least, end) = isSigned ? (-(Int128.One << (bits - 1)), Int128.One << (bits - 1)) : (Int128.Zero, Int128.One << bits);
        return value.Value >= least && value.Value < end ? value : Dim.Unknown;
    }

    private static Dim Equal(Dim a, Dim b)
    {
        if (IsSame(a, b))
            return 1;
        return IsExtent(a) && b is { IsKnown: true, Value: < 0 } || IsExtent(b) && a is { IsKnown: true, Value: < 0 }
            ? 0
            : Both(a, b, (x, y) => x == y ? 1 : 0);
    }

    private static Dim Both(Dim a, Dim b, Func<Int128, Int128, Int128> formula) =>
        a.IsKnown && b.IsKnown ? Number(formula(a.Value, b.Value)) : Dim.Unknown;

    private static Dim Number(Int128 value) => value >= long.MinValue && value <= long.MaxValue ? (long)value : Dim.Unknown;

    private static Dim Truth(bool value) => value ? 1 : 0;

    private static bool IsNumber(Dim dim, long value) => dim.IsKnown && dim.Value == value;

    private static bool IsExtent(Dim dim) => dim.Symbol is not null;

    private static bool IsSame(Dim a, Dim b) => a == b && !a.IsUnknown;
}
