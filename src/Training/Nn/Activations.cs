using Anneal.Onnx.Ops;

namespace Anneal.Training.Nn;

/// <summary>A function of each element, or of each row, as a layer: what <see cref="Sequential"/> needs. It has no parameters; any shape.</summary>
public abstract class Activation : Module
{
    private readonly Op _op;

    private protected Activation(Op op) => _op = op;

    private protected Activation(string name) : this(new Elementwise(name)) { }

    /// <inheritdoc/>
    protected sealed override Tensor Compute(Tensor x) => Tensor.Apply(_op, x);
}

/// <summary>max(x, 0).</summary>
public sealed class Relu() : Activation("Relu");

/// <summary>x held between 0 and 6.</summary>
public sealed class Relu6 : Module
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x) => x.Max(0).Min(6);
}

/// <summary>x above 0, negativeSlope · x below.</summary>
/// <param name="negativeSlope">The slope below 0.</param>
public sealed class LeakyRelu(double negativeSlope = 0.01) : Activation(new Onnx.Ops.LeakyRelu { Alpha = (float)negativeSlope });

/// <summary>x above 0, alpha (eˣ - 1) below.</summary>
/// <param name="alpha">The limit far below 0, turned round.</param>
public sealed class Elu(double alpha = 1) : Activation(new Onnx.Ops.Elu { Alpha = (float)alpha });

/// <summary>The scaled exponential linear unit (Klambauer et al. 2017, "Self-Normalizing Neural Networks").</summary>
public sealed class Selu() : Activation(new Onnx.Ops.Selu());

/// <summary>x Φ(x), Φ being the normal distribution's (Hendrycks and Gimpel 2016).</summary>
/// <param name="approximate">Whether Φ is approximated by tanh.</param>
public sealed class Gelu(bool approximate = false) : Activation(new Onnx.Ops.Gelu { Approximate = approximate ? "tanh" : "none" });

/// <summary>x sigmoid(x).</summary>
public sealed class Silu() : Activation(new Swish());

/// <summary>x tanh(log(1 + eˣ)).</summary>
public sealed class Mish() : Activation("Mish");

/// <summary>1/(1 + e⁻ˣ).</summary>
public sealed class Sigmoid() : Activation("Sigmoid");

/// <summary>x / 6 + 1/2, held between 0 and 1.</summary>
public sealed class Hardsigmoid() : Activation(new HardSigmoid { Alpha = 1f / 6, Beta = 0.5f });

/// <summary>x hardsigmoid(x).</summary>
public sealed class Hardswish() : Activation("HardSwish");

/// <summary>The hyperbolic tangent.</summary>
public sealed class Tanh() : Activation("Tanh");

/// <summary>log(1 + eˣ).</summary>
public sealed class Softplus() : Activation("Softplus");

/// <summary>eˣ by its sum along an axis, so that the sum is 1.</summary>
/// <param name="axis">The axis; negative ones count from the end.</param>
public sealed class Softmax(int axis) : Activation(new Onnx.Ops.Softmax { Axis = axis });

/// <summary>The logarithm of <see cref="Softmax"/>, computed so that it stays finite.</summary>
/// <param name="axis">The axis; negative ones count from the end.</param>
public sealed class LogSoftmax(int axis) : Activation(new Onnx.Ops.LogSoftmax { Axis = axis });
