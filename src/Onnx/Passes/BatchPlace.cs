namespace Anneal.Onnx.Passes;

/// <summary>How a value depends on the batch once its size is open.</summary>
/// <param name="Kind">What changes with the batch.</param>
/// <param name="Axis">The axis of pictures, when there is one.</param>
internal readonly record struct BatchPlace(BatchKind Kind, int Axis = 0)
{
    /// <summary>The same whatever the batch is.</summary>
    public static BatchPlace Shared => default;

    /// <summary>Depends on the number of pictures, not on what they show: an extent, or a shape under construction.</summary>
    public static BatchPlace Counted { get; } = new(BatchKind.Counted);

    /// <summary>One slice along the axis for each picture, which depends on no other picture.</summary>
    public static BatchPlace Along(int axis) => new(BatchKind.Along, axis);
}

/// <summary>See <see cref="BatchPlace"/>.</summary>
internal enum BatchKind
{
    Shared,
    Counted,
    Along,
}
