using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>Elements that are set to 0 at random while training.</summary>
internal static class Dropouts
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new Composites<Dropout>("Dropout", Dropout) { Steering = [1, 2] },
        new KeyedDropoutKernel(),
    ];

    /// <summary>Nothing goes unless the node is told that this is training.</summary>
    private static Tensor[] Dropout(Dropout op, ReadOnlySpan<Tensor?> x, int outputCount)
    {
        var ratio = x.Length > 1 && x[1] is { } given ? given.To(DType.Double).Item() : 0.5;
        if (!(ratio >= 0 && ratio < 1))
            throw new AnnealException($"Dropout: the ratio is {ratio}; it should be at least 0 and below 1.");
        if (ratio > 0 && x.Length > 2 && x[2] is { } training && training.Item() != 0)
            return Tensor.ApplyAll(new KeyedDropout(ratio, Seeds.Of(op.Seed).Key), outputCount, x[0]);
        var y = Tensor.Apply(new Identity(), x[0]);
        return outputCount > 1 ? [y, Tensor.Full(y.Shape, 1, DType.Bool, y.Device)] : [y];
    }
}

/// <summary>
/// x with a share of its elements set to 0 and the others divided by what stays: x to y and, when asked for, bool that says which elements stayed.
/// The key of <see cref="Draws"/> and an element's place alone decide.
/// </summary>
internal sealed record KeyedDropout(double Ratio, ulong Key) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts)
    {
        facts.Output(0, facts.DType(0), facts.Shape(0));
        facts.Output(1, DType.Bool, facts.Shape(0));
    }
}

internal sealed class KeyedDropoutKernel() : Kernel<KeyedDropout>("KeyedDropout", TrainingDomain.Name)
{
    private static readonly KeyedDropout Any = new(0, 0);

    public override Op SizedAs(Op op) => Any;

    protected override void Compute(KeyedDropout op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var (draws, stayed) = (new Draws(op.Key), y.Length > 1 ? y[1] : null);
        if (x[0]!.DType == DType.Float32)
            DropoutLoops.Run<float>(x[0]!, y[0], stayed, draws, op.Ratio);
        else if (x[0]!.DType == DType.Double)
            DropoutLoops.Run<double>(x[0]!, y[0], stayed, draws, op.Ratio);
        else
            throw Unsupported(x[0]!, "float32 and double");
    }

    protected override void Compute(GpuDevice gpu, KeyedDropout op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (x[0]!.DType != DType.Float32)
            throw Unsupported(gpu, x[0]!, "float32");
        GpuDropout.Run(gpu, x[0]!, y[0], y.Length > 1 ? y[1] : null, new(op.Key), op.Ratio);
    }

    // Linear in x: the gradient is dropped and scaled as x was, and nothing but the key has to be kept for it.
    protected override void Backward(KeyedDropout op, GradientCall call) => call.Give(0, Tensor.Apply(op, call.Dy(0)));
}

/// <summary>Where the random numbers of a node come from.</summary>
internal static class Seeds
{
    /// <summary>The same draws for the same seed; without one the next that the default generator hands out.</summary>
    public static Draws Of(long? seed) => seed is { } given ? new(unchecked((ulong)given)) : Generator.Default.Next();

    /// <inheritdoc cref="Of(long?)"/>
    public static Draws Of(float? seed) => Of(seed is { } given ? BitConverter.SingleToInt32Bits(given) : (long?)null);
}
