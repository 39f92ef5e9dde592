namespace Anneal.Onnx.Passes;

/// <summary>
/// Folds what is done to each channel alone into the constant weights of the node before it, or after it. Sums are taken in double and rounded once
/// to the type of the weight (B. Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", 3.2).
/// <list type="number">
/// <item>Conv, ConvTranspose, Gemm, MatMul or MatMul + Add, then BatchNormalization → the first with other weights and bias; a MatMul gets an Add.</item>
/// <item>The same before Add, Sub, Mul or Div with a constant that has one number, or one for each channel.</item>
/// <item>BatchNormalization before a Conv without padding, or before a Gemm → the latter with other weights and bias. With padding it stays: the
/// border is zero after the normalisation, not before.</item>
/// </list>
/// A node is taken when its parameters are initializers that no caller can replace, all elements are here and of a real type, nothing but the one
/// node uses the value between, and every new number is finite. BatchNormalization is taken in inference form only. Weights that other nodes use too
/// are copied. Models of operator sets before 7, whose BatchNormalization means something else, stay as they are.
/// </summary>
public sealed class FoldBatchNorm : IPass
{
    private const int FirstOperatorSet = 7;

    /// <inheritdoc/>
    public string Name => "fold-batch-norm";

    /// <inheritdoc/>
    public bool Run(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.OperatorSets[""] is not >= FirstOperatorSet)
            return false;
        var changed = false;
        foreach (var graph in Rewritable.MainGraphs(model).ToArray())
            foreach (var node in graph.Nodes.ToArray())
                while (node.Graph is not null && LinearNode.Read(node) is { } linear && (FoldAfter(linear) || FoldBefore(linear)))
                    changed = true;
        return changed;
    }

    /// <summary>Rules 1 and 2.</summary>
    private static bool FoldAfter(LinearNode linear)
    {
        if (linear.Output.OnlyUser() is not { } next || Map(linear, next) is not { } map || !linear.Append(map))
            return false;
        next.ReplaceBy(next.Inputs.OfType<Value>().First(input => input.Producer is not null));
        return true;
    }

    private static ChannelAffine? Map(LinearNode linear, Node next)
    {
        if (next.OpType != "BatchNormalization")
            return ChannelAffine.OfArithmetic(next, linear.Output, linear.Channels, linear.Rank, linear.Axis);
        var isChannels = linear.Rank is not null && linear.Axis == 1 && next.Inputs[0] == linear.Output;
        return isChannels && ChannelAffine.OfBatchNorm(next) is { } map && map.Scale.Length == linear.Channels ? map : null;
    }

    /// <summary>Rule 3.</summary>
    private static bool FoldBefore(LinearNode linear)
    {
        if (linear.Node.Inputs[0] is not { Producer: { } norm } input || norm.Graph != linear.Node.Graph || input.OnlyUser() != linear.Node)
            return false;
        if (ChannelAffine.OfBatchNorm(norm) is not { } map || norm.Inputs[0] is not { } x || !linear.Prepend(map))
            return false;
        linear.Node.SetInput(0, x);
        norm.RemoveWithConstants();
        return true;
    }
}
