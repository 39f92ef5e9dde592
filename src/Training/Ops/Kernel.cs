using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Devices;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>
/// How an operator is computed and differentiated: the other half of its record in <c>Anneal.Onnx.Ops</c>. One object serves every call.
/// </summary>
internal abstract class Kernel(string name, string domain = "")
{
    /// <summary>The operator's name as ONNX spells it.</summary>
    public string Name { get; } = name;

    /// <summary>The operator's domain; empty for ONNX's own.</summary>
    public string Domain { get; } = domain;

    /// <summary>Whether the sizes of the outputs follow from types and shapes alone, so that they are worked out once for all equal calls.</summary>
    public virtual bool IsSizedByShapes => true;

    /// <summary>The operator under which sizes are remembered: one for all whose attributes differ from call to call without changing a size.</summary>
    public virtual Op SizedAs(Op op) => op;

    /// <summary>
    /// Whether an input only steers the operator (a shape, axes, indices) and is read by the host. Such an input may lie on the processor whatever
    /// device the others are on; when it lies on a device, reading it waits for what computes it.
    /// </summary>
    public virtual bool IsReadByHost(int input) => false;

    /// <summary>Whether the operator has a kernel for GPUs. One that is made of others runs there where these do.</summary>
    public virtual bool HasGpuForm => true;

    /// <summary>Applies the operator, recording it where that is asked for.</summary>
    public abstract Tensor[] Apply(Op op, ReadOnlySpan<Tensor?> inputs, int outputCount);

    /// <summary>Works out the gradients of the inputs.</summary>
    /// <exception cref="AnnealException">The operator cannot be trained; the message says why.</exception>
    public abstract void Backward(GradientCall call);
}

/// <summary>An operator made of others: plain C# over tensors, recorded and differentiated as what it is made of.</summary>
internal abstract class CompositeKernel(string name, string domain = "") : Kernel(name, domain)
{
    /// <summary>
    /// Whether the operator's own inference sees the inputs before the formula does: for formulas that would compute nonsense of inputs that do not
    /// fit, or fail far from the cause.
    /// </summary>
    public bool IsChecked { get; init; }

    /// <summary>The inputs that only steer the formula (<see cref="Kernel.IsReadByHost"/>).</summary>
    public int[] Steering { get; init; } = [];

    public sealed override bool IsReadByHost(int input) => Array.IndexOf(Steering, input) >= 0;

    public sealed override Tensor[] Apply(Op op, ReadOnlySpan<Tensor?> inputs, int outputCount)
    {
        if (IsChecked)
            Sizing.Check(op, this, inputs, outputCount);
        return Compose(op, inputs, outputCount);
    }

    public override void Backward(GradientCall call) => throw new InvalidOperationException($"{Name} is never recorded itself.");

    protected abstract Tensor[] Compose(Op op, ReadOnlySpan<Tensor?> inputs, int outputCount);
}

/// <summary>A composite of one function.</summary>
internal sealed class Composite<TOp>(string name, Composite<TOp>.Formula formula) : CompositeKernel(name) where TOp : Op
{
    public delegate Tensor Formula(TOp op, ReadOnlySpan<Tensor?> inputs);

    protected override Tensor[] Compose(Op op, ReadOnlySpan<Tensor?> inputs, int outputCount) => [formula((TOp)op, inputs)];
}

/// <summary>A composite with several outputs.</summary>
internal sealed class Composites<TOp>(string name, Composites<TOp>.Formula formula, string domain = "") : CompositeKernel(name, domain) where TOp : Op
{
    public delegate Tensor[] Formula(TOp op, ReadOnlySpan<Tensor?> inputs, int outputCount);

    protected override Tensor[] Compose(Op op, ReadOnlySpan<Tensor?> inputs, int outputCount) => formula((TOp)op, inputs, outputCount);
}

/// <summary>An operator with a kernel of its own.</summary>
internal abstract class ComputedKernel(string name, string domain = "") : Kernel(name, domain)
{
    public override Tensor[] Apply(Op op, ReadOnlySpan<Tensor?> inputs, int outputCount)
    {
        var device = DeviceOf(op, inputs);
        var outputs = Sizing.Outputs(op, this, inputs, outputCount, device);
        OpProfile.Begin(out var start);
        if (device is GpuDevice gpu)
            Compute(gpu, op, inputs, outputs);
        else
            Compute(op, inputs, outputs);
        OpProfile.End(op, start);
        if (NanFinder.IsOn)
            NanFinder.Check(op, inputs, outputs);
        Recording.Current?.Add(new AppliedOp(op, inputs.ToArray(), outputs));
        if (Grad.IsOn && NeedsGradient(inputs) && outputs[0].DType.IsFloat())
            _ = new TapeEntry(op, this, inputs.ToArray(), outputs);
        return outputs;
    }

    /// <summary>Fills the outputs, which have their sizes, on the processor.</summary>
    protected abstract void Compute(Op op, ReadOnlySpan<Tensor?> x, Tensor[] y);

    /// <summary>As <see cref="Compute(Op, ReadOnlySpan{Tensor}, Tensor[])"/>, on a GPU.</summary>
    protected abstract void Compute(GpuDevice gpu, Op op, ReadOnlySpan<Tensor?> x, Tensor[] y);

    private ComputeDevice DeviceOf(Op op, ReadOnlySpan<Tensor?> inputs)
    {
        ComputeDevice? device = null;
        for (var i = 0; i < inputs.Length; i++)
            if (inputs[i] is { } input && !IsReadByHost(i) && (device ??= input.Compute) != input.Compute)
                throw Apart(op, inputs);
        return device ?? ComputeDevice.Cpu;
    }

    private DeviceUnavailableException Apart(Op op, ReadOnlySpan<Tensor?> inputs)
    {
        var computed = inputs.ToArray().Where((input, i) => input is not null && !IsReadByHost(i)).Select(input => $"{input!.Title} on {input.Device}");
        return new($"{op.Name}: its inputs live on different devices: {string.Join(" and ", computed)}. Move them to one with To; a module moves with all that it holds.");
    }

    private static bool NeedsGradient(ReadOnlySpan<Tensor?> inputs)
    {
        foreach (var input in inputs)
            if (input is { RequiresGrad: true })
                return true;
        return false;
    }
}

/// <summary>A computed operator with the type of its record.</summary>
internal abstract class Kernel<TOp>(string name, string domain = "") : ComputedKernel(name, domain) where TOp : Op
{
    private delegate void GpuForm(GpuDevice gpu, TOp op, ReadOnlySpan<Tensor?> x, Tensor[] y);

    /// <summary>Whether the operator's own class computes it there, rather than this one, which refuses.</summary>
    public sealed override bool HasGpuForm => ((GpuForm)Compute).Method.DeclaringType != typeof(Kernel<TOp>);

    public sealed override void Backward(GradientCall call) => Backward((TOp)call.Op, call);

    protected sealed override void Compute(Op op, ReadOnlySpan<Tensor?> x, Tensor[] y) => Compute((TOp)op, x, y);

    protected sealed override void Compute(GpuDevice gpu, Op op, ReadOnlySpan<Tensor?> x, Tensor[] y) => Compute(gpu, (TOp)op, x, y);

    protected abstract void Compute(TOp op, ReadOnlySpan<Tensor?> x, Tensor[] y);

    protected virtual void Compute(GpuDevice gpu, TOp op, ReadOnlySpan<Tensor?> x, Tensor[] y) => throw new DeviceUnavailableException(
        $"{Name} cannot be computed on {gpu.Name}: it has no kernel for GPUs. Move {Inputs(x)} to the processor with To(Device.Cpu).");

    protected virtual void Backward(TOp op, GradientCall call) => throw new AnnealException(
        $"{Name} of {call.Y(0).Title} cannot be trained: no gradient is known for it. Detach its result, or freeze what comes before it.");

    /// <summary>An error for an element type that the kernel does not take on a GPU.</summary>
    protected DeviceUnavailableException Unsupported(GpuDevice gpu, Tensor x, string expected) =>
        new($"{Name} takes {expected} on {gpu.Name}; {x.Title} was given. Convert it with To, or move it to the processor with To(Device.Cpu).");

    /// <summary>An error for an element type that the kernel does not take.</summary>
    protected ShapeMismatchException Unsupported(Tensor x, string expected) =>
        new($"{Name} takes {expected}; {x.Title} was given. Convert it with To first.");

    private static string Inputs(ReadOnlySpan<Tensor?> x) => string.Join(" and ", x.ToArray().OfType<Tensor>().Select(input => input.Title));
}
