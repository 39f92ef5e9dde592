using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes;

/// <summary>y = scale x + shift, each channel with numbers of its own.</summary>
/// <param name="Scale">The factor of each channel.</param>
/// <param name="Shift">What is added to each channel.</param>
internal sealed record ChannelAffine(double[] Scale, double[] Shift)
{
    /// <summary>What a BatchNormalization with constant parameters does; null when it is trained, or its parameters are not constant.</summary>
    public static ChannelAffine? OfBatchNorm(Node node)
    {
        // Until version 8 the attribute spatial could ask for a mean of each pixel; until then and when training there are more outputs.
        if (!node.Calls("BatchNormalization") || node.Attribute("spatial") is not null || node.Outputs.Skip(1).Any(output => output is not null))
            return null;
        if (node.Output(0) is null || OpTable.Find("", node.OpType)!.Read(node) is not BatchNormalization { TrainingMode: false, Epsilon: var epsilon })
            return null;
        if (Vector(node, 1) is not { } scale || Vector(node, 2) is not { } bias || Vector(node, 3) is not { } mean || Vector(node, 4) is not { } variance)
            return null;
        if (bias.Length != scale.Length || mean.Length != scale.Length || variance.Length != scale.Length)
            return null;
        double[] factors = [.. scale.Select((factor, c) => factor / Math.Sqrt(variance[c] + epsilon))];
        return new(factors, [.. factors.Select((factor, c) => bias[c] - (mean[c] * factor))]);
    }

    /// <summary>What an Add, Sub, Mul or Div with a constant does; null when the constant has more than one number for a channel, or is none.</summary>
    /// <param name="node">The node.</param>
    /// <param name="x">The input that is no constant.</param>
    /// <param name="channels">How many channels x has.</param>
    /// <param name="rank">How many axes x has; null when that is not known, and its channels are the last axis.</param>
    /// <param name="axis">The axis of channels, when the rank is known.</param>
    public static ChannelAffine? OfArithmetic(Node node, Value x, int channels, int? rank, int axis)
    {
        if (node.Domain is not ("" or "ai.onnx") || node.Inputs.Count != 2 || node.Output(0) is null)
            return null;
        var isLeft = node.Inputs[0] == x;
        if (PerChannel(node.Inputs[isLeft ? 1 : 0], channels, rank, axis) is not { } numbers)
            return null;
        return (node.OpType, isLeft) switch
        {
            ("Add", _) => new(Fill(channels, 1), numbers),
            ("Mul", _) => new(numbers, Fill(channels, 0)),
            ("Sub", true) => new(Fill(channels, 1), [.. numbers.Select(number => -number)]),
            ("Sub", false) => new(Fill(channels, -1), numbers),
            ("Div", true) => new([.. numbers.Select(number => 1 / number)], Fill(channels, 0)),
            _ => null,
        };
    }

    /// <summary>The numbers of a constant that broadcasts along all axes but the channels, one for each channel; null when it does not.</summary>
    public static double[]? PerChannel(Value? value, int channels, int? rank, int axis)
    {
        if (value.Constant() is not { } tensor || !tensor.DType.IsReal() || tensor.Dims.Length > (rank ?? 1))
            return null;
        if (tensor.ElementCount == 1)
            return Fill(channels, tensor.ToDoubles()[0]);
        var fromEnd = (rank ?? 1) - (rank is null ? 0 : axis);
        return tensor.ElementCount == channels && tensor.Dims.Length >= fromEnd && tensor.Dims[^fromEnd] == channels ? tensor.ToDoubles() : null;
    }

    private static double[] Fill(int count, double number)
    {
        var numbers = new double[count];
        Array.Fill(numbers, number);
        return numbers;
    }

    private static double[]? Vector(Node node, int input) =>
        node.Input(input).Constant() is { Dims.Length: 1 } tensor && tensor.DType.IsReal() ? tensor.ToDoubles() : null;
}
