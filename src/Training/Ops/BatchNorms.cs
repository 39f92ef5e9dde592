using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>
/// Batch normalisation by the batch's own statistics in one piece, for whoever gives it a meaning: the ONNX operator and the layer of PyTorch differ
/// only in what they do with mean and variance.
/// </summary>
internal static class BatchNorms
{
    public static IEnumerable<Kernel> Kernels => [new BatchNormKernel(), new BatchNormGradientKernel()];
}

/// <summary>x [N,C,…], scale [C], bias [C] to y [N,C,…] and the batch's mean and population variance [C].</summary>
internal sealed record BatchNorm(float Epsilon) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts)
    {
        facts.Output(0, facts.DType(0), facts.Shape(0));
        facts.Output(1, facts.DType(0), facts.Shape(1));
        facts.Output(2, facts.DType(0), facts.Shape(1));
    }
}

internal sealed class BatchNormKernel() : Kernel<BatchNorm>("BatchNorm", TrainingDomain.Name)
{
    protected override void Compute(BatchNorm op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (x[0]!.DType == DType.Float32)
            new BatchNormLoops<float>(x[0]!.Shape, op.Epsilon).Forward(x[0]!, x[1]!, x[2]!, y);
        else if (x[0]!.DType == DType.Double)
            new BatchNormLoops<double>(x[0]!.Shape, op.Epsilon).Forward(x[0]!, x[1]!, x[2]!, y);
        else
            throw Unsupported(x[0]!, "float32 and double");
    }

    protected override void Compute(GpuDevice gpu, BatchNorm op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (x[0]!.DType != DType.Float32)
            throw Unsupported(gpu, x[0]!, "float32");
        new GpuBatchNorm(gpu, x[0]!.Shape, op.Epsilon).Forward(x[0]!, x[1]!, x[2]!, y);
    }

    protected override void Backward(BatchNorm op, GradientCall call)
    {
        var slopes = Tensor.ApplyAll(new BatchNormGradient(op.Epsilon), 3, call.Dy(0), call.X(0), call.X(1), call.Y(1), call.Y(2),
            call.HasDy(1) ? call.Dy(1) : null, call.HasDy(2) ? call.Dy(2) : null);
        for (var i = 0; i < slopes.Length; i++)
            call.Give(i, slopes[i]);
    }
}

/// <summary>dy, x, scale, mean, variance and, where there are such, the gradients of mean and variance, to the gradients of x, scale and bias.</summary>
internal sealed record BatchNormGradient(float Epsilon) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts)
    {
        facts.Output(0, facts.DType(1), facts.Shape(1));
        facts.Output(1, facts.DType(1), facts.Shape(2));
        facts.Output(2, facts.DType(1), facts.Shape(2));
    }
}

internal sealed class BatchNormGradientKernel() : Kernel<BatchNormGradient>("BatchNormGradient", TrainingDomain.Name)
{
    protected override void Compute(BatchNormGradient op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (y[0].DType == DType.Float32)
            new BatchNormLoops<float>(y[0].Shape, op.Epsilon).Backward(x, y);
        else
            new BatchNormLoops<double>(y[0].Shape, op.Epsilon).Backward(x, y);
    }

    protected override void Compute(GpuDevice gpu, BatchNormGradient op, ReadOnlySpan<Tensor?> x, Tensor[] y) =>
        new GpuBatchNorm(gpu, y[0].Shape, op.Epsilon).Backward(x, y);
}
