namespace Anneal.Onnx.Ops;

/// <summary>
/// What is known of a value before anything runs: its type, its shape as far as known, and for constants and small integer tensors (shapes
/// under construction) the elements themselves.
/// </summary>
public sealed record Fact
{
    /// <summary>Integer tensors up to this many elements are followed element by element.</summary>
    public const int MostElements = 1024;

    /// <summary>A value of which nothing is known.</summary>
    public static Fact Unknown { get; } = new();

    /// <summary>The type, or null when it is not known.</summary>
    public OnnxType? Type { get; init; }

    /// <summary>
    /// The elements of an integer or bool tensor in row-major order, each a number, a symbol (an extent such as <c>N</c>) or unknown; null when
    /// they are not followed. The shape is then static.
    /// </summary>
    public IReadOnlyList<Dim>? Elements { get; init; }

    /// <summary>The whole tensor, when it is constant.</summary>
    public TensorData? Constant { get; init; }

    /// <summary>The element type of a tensor; <see cref="DType.Undefined"/> when it is not known or this is no tensor.</summary>
    public DType DType => Type is TensorType tensor ? tensor.ElementType : DType.Undefined;

    /// <summary>The shape of a tensor; null when even the rank is not known or this is no tensor.</summary>
    public Shape? Shape => (Type as TensorType)?.Shape;

    /// <summary>A tensor.</summary>
    public static Fact Tensor(DType dtype, Shape? shape = null, IReadOnlyList<Dim>? elements = null) =>
        new() { Type = new TensorType(dtype, shape), Elements = elements };

    /// <summary>A constant.</summary>
    public static Fact Of(TensorData tensor) => new()
    {
        Type = new TensorType(tensor.DType, Shape.Of(tensor.Dims.ToArray())),
        Constant = tensor,
        Elements = IsFollowed(tensor) ? [.. tensor.ToInt64s().Select(Dim.Of)] : null,
    };

    /// <summary>The elements as numbers, or null when one of them is not known.</summary>
    public IReadOnlyList<long>? Ints => Elements is not null && Elements.All(element => element.IsKnown)
        ? [.. Elements.Select(element => element.Value)]
        : null;

    /// <summary>Type, shape and elements.</summary>
    public override string ToString() => $"{Type?.ToString() ?? "?"}{(Elements is null ? "" : $" = [{string.Join(',', Elements)}]")}";

    // No shape has an extent beyond 64 bits with sign; weights that were left in their own file hold nothing to follow.
    private static bool IsFollowed(TensorData tensor) => tensor.ElementCount <= MostElements && tensor.HasElements
        && (tensor.DType.IsInteger() || tensor.DType == DType.Bool)
        && (tensor.DType != DType.UInt64 || tensor.As<ulong>().IndexOfAnyExceptInRange(0ul, (ulong)long.MaxValue) < 0);
}
