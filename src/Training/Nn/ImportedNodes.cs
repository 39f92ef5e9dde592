using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Graphs;

namespace Anneal.Training.Nn;

/// <summary>The nodes of an imported graph that do something else in training, or in another precision than the file's.</summary>
/// <param name="isTraining">Whether the module is trained now.</param>
/// <param name="precision">What it computes in now.</param>
/// <param name="generator">What Dropout draws from.</param>
internal sealed class ImportedNodes(Func<bool> isTraining, Func<DType> precision, Generator generator)
{
    /// <summary>What a node does; null leaves it to its operator.</summary>
    public NodeFunction? Find(Node node, Op op) => op switch
    {
        BatchNormalization { TrainingMode: false } norm => Norm(node, norm),
        Onnx.Ops.Dropout dropout => x => Drop(dropout, node.Outputs.Count, x),
        Cast or Constant or ConstantOfShape or EyeLike or RandomNormal or RandomUniform => x => InPrecision(Tensor.ApplyAll(op, node.Outputs.Count, x)),
        _ => null,
    };

    /// <summary>ONNX's momentum is the share of the old statistics, PyTorch's that of the batch's; 0.9 means 0.1, not what a float makes of it.</summary>
    private NodeFunction Norm(Node node, BatchNormalization op)
    {
        var (statistics, momentum) = (new BatchStatistics(op.Epsilon), (double)(1 - (decimal)op.Momentum));
        return x =>
        {
            var (scale, bias) = (x[1]!, x[2]!);
            var isFrozen = scale is Parameter { RequiresGrad: false } && bias is Parameter { RequiresGrad: false };
            if (!isTraining() || isFrozen || x[3] is not StateTensor mean || x[4] is not StateTensor variance)
                return Tensor.ApplyAll(op, 1, x);
            if (!BatchStatistics.CanMeasure(x[0]!, scale.Count))
                throw BatchStatistics.TooSmall(node.Title, x[0]!);
            return [statistics.Normalise(x[0]!, scale, bias, new(mean, variance, momentum))];
        };
    }

    private Tensor[] Drop(Onnx.Ops.Dropout op, int outputs, Tensor?[] x)
    {
        if (!isTraining())
            return Tensor.ApplyAll(op, outputs, x[0]);
        var ratio = x.Length > 1 && x[1] is { } given ? given.Item() : 0.5;
        if (outputs == 1)
            return [x[0]!.Dropout(ratio, generator.Next())];
        var factors = Tensor.Ones(x[0]!.Shape, x[0]!.DType, x[0]!.Device).Dropout(ratio, generator.Next());
        return [x[0]! * factors, factors > 0];
    }

    private Tensor[] InPrecision(Tensor[] outputs) =>
        Array.ConvertAll(outputs, output => output.DType is DType.Float32 or DType.Double ? output.To(precision()) : output);
}
