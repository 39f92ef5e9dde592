using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Ops;

namespace Anneal.Training;

/// <summary>
/// A differentiable function of one's own: its value and its gradient in plain C# over tensors.
/// <code>
/// static readonly Function Cube = Function.Of("Cube", x => x * x * x, (x, y, dy) => dy * 3 * x * x);
/// var y = Cube.Apply(x);
/// </code>
/// </summary>
/// <param name="name">What errors call the function.</param>
/// <param name="forward">Computes the outputs from the inputs. Nothing in it is recorded for gradients.</param>
/// <param name="backward">Computes the gradient of each input, null for one that has none.</param>
public sealed class Function(string name, Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> forward, Func<FunctionCall, IReadOnlyList<Tensor?>> backward)
{
    /// <summary>The function's name.</summary>
    public string Name { get; } = name;

    /// <summary>A function of one tensor.</summary>
    /// <param name="name">What errors call the function.</param>
    /// <param name="forward">Computes y from x.</param>
    /// <param name="backward">Computes dx from x, y and dy.</param>
    public static Function Of(string name, Func<Tensor, Tensor> forward, Func<Tensor, Tensor, Tensor, Tensor> backward)
    {
        ArgumentNullException.ThrowIfNull(forward);
        ArgumentNullException.ThrowIfNull(backward);
        return new(name, x => [forward(x[0])], call => [backward(call.X[0], call.Y[0], call.Dy[0])]);
    }

    /// <summary>The function's only output.</summary>
    /// <exception cref="AnnealException">It has several.</exception>
    public Tensor Apply(params Tensor[] inputs) => ApplyAll(inputs) is [var y]
        ? y
        : throw new AnnealException($"Function '{Name}' does not give one tensor; take its outputs with {nameof(ApplyAll)}.");

    /// <summary>The function's outputs.</summary>
    /// <param name="inputs">What the function takes.</param>
    public Tensor[] ApplyAll(params Tensor[] inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var outputs = Compute(inputs);
        if (Grad.IsOn && Array.Exists(inputs, input => input.RequiresGrad))
            _ = new TapeEntry(new FunctionOp(Name), new FunctionKernel(Name, backward), [.. inputs], outputs);
        return outputs;
    }

    private Tensor[] Compute(Tensor[] inputs)
    {
        using var silence = Grad.Silently();
        using var scope = TensorScope.Begin();
        // Views: an input that is handed through is an output of its own.
        return [.. forward(inputs).Select(output => scope.Lift(output.Detach()))];
    }
}

/// <summary>What the gradient of a <see cref="Function"/> is made from.</summary>
/// <param name="X">The inputs.</param>
/// <param name="Y">The outputs.</param>
/// <param name="Dy">The gradient of each output.</param>
public sealed record FunctionCall(IReadOnlyList<Tensor> X, IReadOnlyList<Tensor> Y, IReadOnlyList<Tensor> Dy);

/// <summary>A user's function on the tape.</summary>
internal sealed record FunctionOp(string Title) : Op
{
    public override string Domain => TrainingDomain.Name;

    public override string Name => Title;

    internal override void Infer(Inference facts) => throw new InvalidOperationException("A function of one's own is sized by running it.");
}

/// <summary>The gradient of a user's function, checked, because it is not ours.</summary>
internal sealed class FunctionKernel(string name, Func<FunctionCall, IReadOnlyList<Tensor?>> backward) : Kernel(name, TrainingDomain.Name)
{
    public override Tensor[] Apply(Op op, ReadOnlySpan<Tensor?> inputs, int outputCount) => throw new InvalidOperationException($"Function '{Name}' is applied by its object.");

    public override void Backward(GradientCall call)
    {
        var gradients = backward(new(Take(call.InputCount, call.X), Take(call.OutputCount, call.Y), Take(call.OutputCount, call.Dy)));
        if (gradients.Count != call.InputCount)
            throw new AnnealException($"The gradient of function '{Name}' gave {gradients.Count} tensors for {call.InputCount} inputs; give one each, null where there is none.");
        for (var i = 0; i < gradients.Count; i++)
            if (gradients[i] is { } dx && call.Wants(i))
                call.Give(i, Checked(call.X(i), i, dx));
    }

    private Tensor Checked(Tensor x, int index, Tensor dx) => dx.Shape == x.Shape && dx.DType == x.DType
        ? dx
        : throw new ShapeMismatchException($"Function '{Name}': the gradient of input {index}, {x.Title}, came as {dx.Title}; type and shape must be the input's.");

    private static Tensor[] Take(int count, Func<int, Tensor> at) => [.. Enumerable.Range(0, count).Select(at)];
}
