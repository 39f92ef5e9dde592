using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Devices;

namespace Anneal.Training.Ops;

/// <summary>Moves between devices.</summary>
internal static class Transfers
{
    public static IEnumerable<Kernel> Kernels => [new TransferKernel()];
}

/// <summary>The same elements on another device.</summary>
internal sealed record Transfer(Device To) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), facts.Shape(0));
}

internal sealed class TransferKernel() : Kernel("Transfer", TrainingDomain.Name)
{
    public override Tensor[] Apply(Op op, ReadOnlySpan<Tensor?> inputs, int outputCount)
    {
        var x = inputs[0]!;
        var y = Tensor.Empty(ComputeDevice.Find(((Transfer)op).To), x.DType, x.Shape);
        y.Name = x.Name;
        ComputeDevice.Copy(x, y);
        if (Grad.IsOn && x.RequiresGrad)
            _ = new TapeEntry(op, this, [x], [y]);
        return [y];
    }

    public override void Backward(GradientCall call) => call.Give(0, call.Dy(0).To(call.X(0).Device));
}
