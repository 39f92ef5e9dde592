using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>
/// Convolution and its transpose: three products that are one another's gradients. The transpose's value is the convolution's input gradient.
/// </summary>
internal static class Convolutions
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new ConvKernel(),
        new ConvTransposeKernel(),
        new ConvInputGradientKernel(),
        new ConvWeightGradientKernel(),
        new ConvTransposeInputGradientKernel(),
    ];

    public static ConvolutionLoops Loops(Window window, long group, TensorShape x, TensorShape w, TensorShape y) =>
        new(WindowGeometry.Of(window, x, w, y), x[0], x[1], y[1], (int)group);

    public static GpuConvolution Loops(GpuDevice gpu, Window window, long group, TensorShape x, TensorShape w, TensorShape y) =>
        new(gpu, WindowGeometry.Of(window, x, w, y), x[0], x[1], y[1], (int)group);

    /// <summary>y + bias, a number for each channel.</summary>
    public static Tensor[] AddBias(Tensor[] y, Tensor? bias)
    {
        if (bias is null)
            return y;
        Span<int> shape = stackalloc int[y[0].Rank];
        shape.Fill(1);
        shape[1] = bias.Count;
        return [y[0] + bias.Reshape(shape)];
    }
}

/// <summary>x [N,C,…], w [M,C/G,…] to y [N,M,…]. The bias is added as an operator of its own.</summary>
internal sealed class ConvKernel() : Kernel<Conv>("Conv")
{
    public override Tensor[] Apply(Op op, ReadOnlySpan<Tensor?> inputs, int outputCount) =>
        Convolutions.AddBias(base.Apply(op, inputs[..2], outputCount), inputs.Length > 2 ? inputs[2] : null);

    protected override void Compute(Conv op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (x[0]!.DType is not (DType.Float32 or DType.Double))
            throw Unsupported(x[0]!, "float32 and double");
        Convolutions.Loops(op.Window, op.Group, x[0]!.Shape, x[1]!.Shape, y[0].Shape).Forward(x[0]!, x[1]!, y[0]);
    }

    protected override void Compute(GpuDevice gpu, Conv op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (x[0]!.DType != DType.Float32)
            throw Unsupported(gpu, x[0]!, "float32");
        Convolutions.Loops(gpu, op.Window, op.Group, x[0]!.Shape, x[1]!.Shape, y[0].Shape).Forward(x[0]!, x[1]!, y[0]);
    }

    protected override void Backward(Conv op, GradientCall call)
    {
        if (call.Wants(0))
            call.Give(0, Tensor.Apply(new ConvInputGradient(op.Window, op.Group, call.X(0).Shape), call.Dy(0), call.X(1)));
        if (call.Wants(1))
            call.Give(1, Tensor.Apply(new ConvWeightGradient(op.Window, op.Group, call.X(1).Shape), call.X(0), call.Dy(0)));
    }
}

/// <summary>x [N,C,…], w [C,M/G,…] to y [N,M,…].</summary>
internal sealed class ConvTransposeKernel() : Kernel<ConvTranspose>("ConvTranspose")
{
    public override Tensor[] Apply(Op op, ReadOnlySpan<Tensor?> inputs, int outputCount) =>
        Convolutions.AddBias(base.Apply(op, inputs[..2], outputCount), inputs.Length > 2 ? inputs[2] : null);

    protected override void Compute(ConvTranspose op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (x[0]!.DType is not (DType.Float32 or DType.Double))
            throw Unsupported(x[0]!, "float32 and double");
        Convolutions.Loops(WindowOf(op), op.Group, y[0].Shape, x[1]!.Shape, x[0]!.Shape).Backward(x[0]!, x[1]!, y[0]);
    }

    protected override void Compute(GpuDevice gpu, ConvTranspose op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (x[0]!.DType != DType.Float32)
            throw Unsupported(gpu, x[0]!, "float32");
        Convolutions.Loops(gpu, WindowOf(op), op.Group, y[0].Shape, x[1]!.Shape, x[0]!.Shape).Backward(x[0]!, x[1]!, y[0]);
    }

    protected override void Backward(ConvTranspose op, GradientCall call)
    {
        var window = WindowOf(op);
        if (call.Wants(0))
            call.Give(0, Tensor.Apply(new ConvTransposeInputGradient(window, op.Group, call.X(0).Shape), call.Dy(0), call.X(1)));
        if (call.Wants(1))
            call.Give(1, Tensor.Apply(new ConvWeightGradient(window, op.Group, call.X(1).Shape), call.Dy(0), call.X(0)));
    }

    /// <summary>Where the output's extents are given, the pads follow from them, the larger half in front (ONNX operator <c>ConvTranspose</c>).</summary>
    private static Window WindowOf(ConvTranspose op) =>
        op.OutputShape is null || op.Window.AutoPad != "NOTSET" ? op.Window : op.Window with { AutoPad = "SAME_LOWER" };
}

/// <summary>The gradient of a convolution by its input: dy, w to dx of a shape.</summary>
internal sealed record ConvInputGradient(Window Window, long Group, TensorShape X) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), X.Onnx);
}

internal sealed class ConvInputGradientKernel() : Kernel<ConvInputGradient>("ConvInputGradient", TrainingDomain.Name)
{
    protected override void Compute(ConvInputGradient op, ReadOnlySpan<Tensor?> x, Tensor[] y) =>
        Convolutions.Loops(op.Window, op.Group, y[0].Shape, x[1]!.Shape, x[0]!.Shape).Backward(x[0]!, x[1]!, y[0]);

    protected override void Compute(GpuDevice gpu, ConvInputGradient op, ReadOnlySpan<Tensor?> x, Tensor[] y) =>
        Convolutions.Loops(gpu, op.Window, op.Group, y[0].Shape, x[1]!.Shape, x[0]!.Shape).Backward(x[0]!, x[1]!, y[0]);
}

/// <summary>The gradient of a convolution by its weights: x, dy to dw of a shape.</summary>
internal sealed record ConvWeightGradient(Window Window, long Group, TensorShape W) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), W.Onnx);
}

internal sealed class ConvWeightGradientKernel() : Kernel<ConvWeightGradient>("ConvWeightGradient", TrainingDomain.Name)
{
    protected override void Compute(ConvWeightGradient op, ReadOnlySpan<Tensor?> x, Tensor[] y) =>
        Convolutions.Loops(op.Window, op.Group, x[0]!.Shape, y[0].Shape, x[1]!.Shape).Weights(x[0]!, x[1]!, y[0]);

    protected override void Compute(GpuDevice gpu, ConvWeightGradient op, ReadOnlySpan<Tensor?> x, Tensor[] y) =>
        Convolutions.Loops(gpu, op.Window, op.Group, x[0]!.Shape, y[0].Shape, x[1]!.Shape).Weights(x[0]!, x[1]!, y[0]);
}

/// <summary>The gradient of a transposed convolution by its input, which is a convolution: dy, w to dx of a shape.</summary>
internal sealed record ConvTransposeInputGradient(Window Window, long Group, TensorShape X) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), X.Onnx);
}

internal sealed class ConvTransposeInputGradientKernel() : Kernel<ConvTransposeInputGradient>("ConvTransposeInputGradient", TrainingDomain.Name)
{
    protected override void Compute(ConvTransposeInputGradient op, ReadOnlySpan<Tensor?> x, Tensor[] y) =>
        Convolutions.Loops(op.Window, op.Group, x[0]!.Shape, x[1]!.Shape, y[0].Shape).Forward(x[0]!, x[1]!, y[0]);

    protected override void Compute(GpuDevice gpu, ConvTransposeInputGradient op, ReadOnlySpan<Tensor?> x, Tensor[] y) =>
        Convolutions.Loops(gpu, op.Window, op.Group, x[0]!.Shape, x[1]!.Shape, y[0].Shape).Forward(x[0]!, x[1]!, y[0]);
}
