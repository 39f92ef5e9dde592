using Anneal.Onnx;

namespace Anneal.Training.Export;

/// <summary>Constants of recordings, held against each other.</summary>
internal static class RecordedConstant
{
    /// <summary>Whether two tensors hold the same.</summary>
    public static bool AreEqual(TensorData a, TensorData b) => a.DType == b.DType && a.Dims.SequenceEqual(b.Dims) && HaveSameElements(a, b);

    /// <summary>Whether two tensors of one type and rank hold one number everywhere, the same in both; then only their shapes differ.</summary>
    public static bool AreFilledAlike(TensorData a, TensorData b) => a.DType == b.DType && a.Dims.Length == b.Dims.Length && a.DType.Bits() >= 8
        && a.ElementCount > 0 && b.ElementCount > 0 && IsFilled(a) && IsFilled(b) && Element(a).SequenceEqual(Element(b));

    /// <summary>The first element, as a tensor of one.</summary>
    public static TensorData First(TensorData tensor) => TensorData.FromBytes("value", tensor.DType, [1], Element(tensor).ToArray());

    private static bool HaveSameElements(TensorData a, TensorData b) => a.DType == DType.String
        ? a.Strings.SequenceEqual(b.Strings)
        : a.Bytes.Span.SequenceEqual(b.Bytes.Span);

    private static bool IsFilled(TensorData tensor)
    {
        // Each element equals the one before it when the bytes equal themselves, moved by one element.
        var bytes = tensor.Bytes.Span;
        var width = tensor.DType.Bits() / 8;
        return bytes[width..].SequenceEqual(bytes[..^width]);
    }

    private static ReadOnlySpan<byte> Element(TensorData tensor) => tensor.Bytes.Span[..(tensor.DType.Bits() / 8)];
}
