using Anneal.Onnx;
using Anneal.Onnx.Passes;

namespace Anneal.Training.Tuning;

/// <summary>A layer that makes a number for each class of each picture's features: Gemm, MatMul with the Add of its bias, or a Conv of 1x1, with constant weights.</summary>
internal sealed class HeadLayer
{
    private readonly HeadConstant _weight;
    private readonly HeadConstant? _bias;
    private readonly int _classAxis;
    private readonly Node _last;

    private HeadLayer(Node node, Node last, HeadConstant weight, HeadConstant? bias, int classAxis, int featureAxis)
    {
        (Node, _last, _weight, _bias, _classAxis) = (node, last, weight, bias, classAxis);
        (ClassCount, FeatureCount) = (weight.Dims[classAxis], weight.Dims[featureAxis]);
    }

    /// <summary>The node with the weight.</summary>
    public Node Node { get; }

    /// <summary>What the layer takes.</summary>
    public Value Features => Node.Inputs[0]!;

    /// <summary>What it gives, with its bias.</summary>
    public Value Output => _last.Outputs[0]!;

    /// <summary>How many classes it has.</summary>
    public long ClassCount { get; }

    /// <summary>How many features it takes.</summary>
    public long FeatureCount { get; }

    /// <summary>Whether it is a convolution, whose output has extents behind the classes.</summary>
    public bool IsConvolution => Node.Calls("Conv");

    /// <summary>The layer that ends with a node; null when it ends none.</summary>
    public static HeadLayer? EndingWith(Node node, ModelShapes shapes) => node.Calls("Add") ? OfAdd(node, shapes) : Of(node, shapes) is { } layer && layer._last == node ? layer : null;

    /// <summary>The layer whose weight a node has; null when it is none.</summary>
    public static HeadLayer? Of(Node node, ModelShapes shapes)
    {
        if (node.Domain is not ("" or "ai.onnx") || node.Input(0) is null || node.Output(0) is null || HeadConstant.Find(node, 1, shapes) is not { } weight)
            return null;
        if (weight.DType is not (DType.Float32 or DType.Double or DType.Float16))
            return null;
        return node.OpType switch
        {
            "Gemm" => OfGemm(node, weight, shapes),
            "MatMul" => OfMatMul(node, weight, shapes),
            "Conv" => OfConv(node, weight, shapes),
            _ => null,
        };
    }

    /// <summary>Gives the layer weights for other classes.</summary>
    /// <returns>The names of weight and bias.</returns>
    public IReadOnlyList<string> Resize(int classCount, HeadDraws draws)
    {
        var (alpha, beta) = (Node.Attribute("alpha")?.AsFloat() ?? 1, Node.Attribute("beta")?.AsFloat() ?? 1);
        var weight = _weight.Replace(draws.Weight(_weight.DType, With(_weight.Dims, _classAxis, classCount), _classAxis, alpha)).Name;
        return _bias is null ? [weight] : [weight, _bias.Replace(draws.Bias(_bias.DType, BiasDims(classCount), beta)).Name];
    }

    private static HeadLayer? OfGemm(Node node, HeadConstant weight, ModelShapes shapes)
    {
        if (weight.Dims.Length != 2 || node.Attribute("transA")?.AsInt() is not (null or 0) || node.Attribute("alpha")?.AsFloat() == 0)
            return null;
        var classAxis = node.Attribute("transB")?.AsInt() is null or 0 ? 1 : 0;
        return WithBias(node, weight, classAxis, 1 - classAxis, shapes);
    }

    private static HeadLayer? OfConv(Node node, HeadConstant weight, ModelShapes shapes) =>
        weight.Dims is [_, _, 1, 1] && node.Attribute("group")?.AsInt() is null or 1 ? WithBias(node, weight, 0, 1, shapes) : null;

    private static HeadLayer? WithBias(Node node, HeadConstant weight, int classAxis, int featureAxis, ModelShapes shapes)
    {
        if (node.Input(2) is null)
            return new(node, node, weight, null, classAxis, featureAxis);
        var bias = HeadConstant.Find(node, 2, shapes);
        return Fits(bias, weight.Dims[classAxis]) ? new(node, node, weight, bias, classAxis, featureAxis) : null;
    }

    private static HeadLayer? OfMatMul(Node node, HeadConstant weight, ModelShapes shapes)
    {
        if (weight.Dims.Length != 2)
            return null;
        return node.Outputs[0]!.OnlyUser() is { } add && add.Calls("Add") && OfAdd(add, shapes) is { } withBias
            ? withBias
            : new(node, node, weight, null, 1, 0);
    }

    private static HeadLayer? OfAdd(Node add, ModelShapes shapes)
    {
        for (var side = 0; side < 2; side++)
            if (add.Input(side)?.Producer is { } node && node.Calls("MatMul") && HeadConstant.Find(node, 1, shapes) is { Dims.Length: 2 } weight
                && HeadConstant.Find(add, 1 - side, shapes) is { } bias && Fits(bias, weight.Dims[1]))
                return new(node, add, weight, bias, 1, 0);
        return null;
    }

    /// <summary>Whether a bias has a number for each class, or one for all.</summary>
    private static bool Fits(HeadConstant? bias, long classCount) => bias is not null && (bias.ElementCount == 1 || (bias.ElementCount == classCount && bias.Dims.Contains(classCount)));

    private long[] BiasDims(int classCount)
    {
        if (_bias!.Dims.Length == 0)
            return [classCount];
        var axis = _bias.ElementCount == 1 ? _bias.Dims.Length - 1 : Array.LastIndexOf(_bias.Dims, ClassCount);
        return With(_bias.Dims, axis, classCount);
    }

    private static long[] With(long[] dims, int axis, long extent)
    {
        long[] changed = [.. dims];
        changed[axis] = extent;
        return changed;
    }
}
