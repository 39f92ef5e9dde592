using Anneal.Onnx;

namespace Anneal.Training.Nn;

/// <summary>A module that turns a tensor into a tensor. A network of one's own registers its parts and says what they compute:</summary>
/// <example><code>
/// sealed class Net : Module
/// {
///     private readonly Linear _fc1, _fc2;
///
///     public Net()
///     {
///         _fc1 = Register("fc1", new Linear(784, 128));
///         _fc2 = Register("fc2", new Linear(128, 10));
///     }
///
///     protected override Tensor Compute(Tensor x) => _fc2.Forward(_fc1.Forward(x).Relu());
/// }
/// </code></example>
public abstract class Module : ModuleBase
{
    private bool _isChecked;

    /// <summary>
    /// Computes the output. The first time that this is recorded, the outermost module makes sure that it knows every parameter it has used: one
    /// that was made and not registered is an error, not a network that learns less.
    /// </summary>
    /// <exception cref="AnnealException">The input does not fit, or a parameter is not registered.</exception>
    public Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (CallRecording.Current is { } recording)
            return Noted(recording, x);
        if (_isChecked || !IsRoot || !Grad.IsOn)
            return Compute(x);
        var before = TapeEntry.LastOrder;
        var y = Compute(x);
        RegistrationCheck.Run(this, y, before);
        _isChecked = true;
        return y;
    }

    /// <summary>What the module computes.</summary>
    protected abstract Tensor Compute(Tensor x);

    /// <summary>Apart from <see cref="Forward"/>, where what the function holds would be allocated at each call.</summary>
    private Tensor Noted(CallRecording recording, Tensor x) => recording.Inside(this, () => Compute(x));
}
