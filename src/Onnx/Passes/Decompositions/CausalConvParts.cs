using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes.Decompositions;

/// <summary>A causal convolution as one over what came before and x, channel by channel.</summary>
internal static class CausalConvParts
{
    public static void Write(Replacement to)
    {
        var op = to.Read<CausalConvWithState>();
        var channels = new[] { to.Extents(0, 3)[1], to.Extents(1, 3)[0] }.FirstOrDefault(dim => dim.IsKnown);
        if (!channels.IsKnown)
            throw to.TooLittle("the number of channels");
        var x = to.Add("all", "Concat", [to.Has(3) ? to.Input(3) : Zeros(to), to.Input(0)], NodeAttribute.Of("axis", 2));
        var result = to.Add("convolved", "Conv", [x, to.Input(1), to.Node.Input(2)], NodeAttribute.Of("group", channels.Value));
        to.Give(0, op.Activation == "none" ? result : to.Add("activated", "Mul", [result, to.Add("gate", "Sigmoid", [result])]));
        if (to.Gives(1))
            to.Give(1, Last(to, x));
    }

    /// <summary>How many values before x count: one less than the kernel has taps.</summary>
    private static Value Before(Replacement to)
    {
        var taps = to.Extents(1, 3)[2];
        return taps.IsKnown ? to.Ints(taps.Value - 1) : to.Add("before", "Sub", [to.Extent(to.Input(1), 2), to.Ints(1)]);
    }

    private static Value Zeros(Replacement to)
    {
        var x = to.Extents(0, 3);
        var shape = to.Add("before_shape", "Concat", [to.Extent(to.Input(0), 0, x[0]), to.Extent(to.Input(0), 1, x[1]), Before(to)], NodeAttribute.Of("axis", 0));
        return to.Add("zeros", "Expand", [to.ScalarLike(0, 0), shape]);
    }

    /// <summary>The last values of what was convolved. A start is counted from its front: with one tap, none are kept, and -0 would keep all.</summary>
    private static Value Last(Replacement to, Value x)
    {
        var length = to.Extent(x, 2);
        var start = to.Add("kept_from", "Sub", [length, Before(to)]);
        return to.Add("kept", "Slice", [x, start, length, to.Ints(2)]);
    }
}
