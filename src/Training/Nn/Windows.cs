using Anneal.Onnx.Ops;

namespace Anneal.Training.Nn;

/// <summary>Windows as operators want them, from a layer's arguments.</summary>
internal static class Windows
{
    /// <summary>A window from a number for each space axis.</summary>
    public static Window Of(int[] kernel, int[] stride, int[] padding, int[] dilation) => new()
    {
        KernelShape = List(kernel),
        Strides = List(stride),
        Pads = List([.. padding, .. padding]),
        Dilations = List(dilation),
    };

    /// <summary>Numbers as an attribute.</summary>
    public static AttributeList<long> List(int[] numbers) => new(Array.ConvertAll(numbers, number => (long)number));
}
