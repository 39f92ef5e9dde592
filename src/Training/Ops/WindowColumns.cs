using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>
/// The cells under a sliding window, a column for each position: x [N,C,…] to [N,groups,C/groups·taps,positions]. Cells outside x are 0.
/// </summary>
internal sealed record WindowColumns(Window Window, int Groups, TensorShape Kernel, TensorShape Positions) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts)
    {
        var x = facts.Shape(0)!;
        facts.Output(0, facts.DType(0), new(x[0], Groups, x[1].Value / Groups * Kernel.ElementCount, Positions.ElementCount));
    }

    /// <summary>How the window lies over x.</summary>
    public WindowGeometry Geometry(TensorShape x) => new(Window, x.Extents[2..], Kernel.Extents, Positions.Extents);
}

internal sealed class WindowColumnsKernel() : Kernel<WindowColumns>("WindowColumns", TrainingDomain.Name)
{
    protected override void Compute(WindowColumns op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (x[0]!.DType == DType.Float32)
            Run<float>(op.Geometry(x[0]!.Shape), x[0]!, y[0]);
        else if (x[0]!.DType == DType.Double)
            Run<double>(op.Geometry(x[0]!.Shape), x[0]!, y[0]);
        else
            throw Unsupported(x[0]!, "float32 and double");
    }

    protected override void Compute(GpuDevice gpu, WindowColumns op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (x[0]!.DType is not (DType.Float32 or DType.Double))
            throw Unsupported(gpu, x[0]!, "float32 and double");
        GpuColumns.Gather(gpu, op.Geometry(x[0]!.Shape), x[0]!, y[0]);
    }

    private static unsafe void Run<T>(WindowGeometry window, Tensor x, Tensor y) where T : unmanaged
    {
        Columns.Gather(window, (T*)x.Address, (T*)y.Address, x.Shape[0] * x.Shape[1]);
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }
}
