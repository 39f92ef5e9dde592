using System.Numerics;
using Anneal.Onnx;

namespace Anneal.Training.Optim;

/// <summary>Options of <see cref="RmsProp"/>.</summary>
public sealed record RmsPropOptions() : OptimizerOptions(1e-2)
{
    /// <summary>α, the share of the mean of squares that is kept, from 0 to below 1. Default 0.99.</summary>
    public double Alpha { get; init; } = 0.99;

    /// <summary>ε, added to the root. At least 0, default 1e-8.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>The share of the last direction that is kept, from 0 to below 1. Default 0: none.</summary>
    public double Momentum { get; init; }

    /// <summary>Whether gradients are measured by their variance instead of their square. Default false.</summary>
    public bool Centered { get; init; }

    internal override double InitialMomentum => Momentum;

    internal override void Validate()
    {
        base.Validate();
        RequireShare(Alpha, nameof(Alpha));
        RequireShare(Momentum, nameof(Momentum));
        RequireAtLeast(Epsilon, 0, nameof(Epsilon));
    }
}

/// <summary>
/// RMSProp (Tieleman and Hinton 2012, lecture 6.5; centred: Graves 2013, section 4.2): s is a running mean of g², and w ← w - η·g / (√s + ε);
/// centred, the square of the running mean of g is taken from s; with momentum the quotient enters a direction that is kept. Weight decay is added to the gradient.
/// </summary>
public sealed class RmsProp : Optimizer
{
    private readonly RmsPropOptions _options;

    /// <summary>Trains parameters.</summary>
    /// <exception cref="AnnealException">An option is outside its range, or there is no parameter.</exception>
    public RmsProp(IEnumerable<Parameter> parameters, RmsPropOptions options) : this(OneGroup(parameters), options) { }

    /// <summary>Trains groups of parameters.</summary>
    /// <exception cref="AnnealException">An option is outside its range, a parameter comes twice, or there is none.</exception>
    public RmsProp(IEnumerable<ParameterGroup> groups, RmsPropOptions options) : base(groups, options, "square", "mean", "momentum") => _options = options;

    private protected override void Update(ParameterState state, Tensor dw)
    {
        var mean = _options.Centered ? state.Tensor(1) : null;
        var velocity = state.Group.Momentum > 0 ? state.Tensor(2) : null;
        if (dw.DType == DType.Float32)
            UpdateLoop.Run<float, Rule<float>>(new(state.Group, _options), state.Parameter, dw, state.Tensor(0), mean, velocity);
        else
            UpdateLoop.Run<double, Rule<double>>(new(state.Group, _options), state.Parameter, dw, state.Tensor(0), mean, velocity);
    }

    internal readonly struct Rule<T>(ParameterGroup group, RmsPropOptions options) : IUpdateRule<T> where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly int _centered = options.Centered ? 1 : 0; // a bool cannot be handed to a GPU
        private readonly T _rate = T.CreateTruncating(group.LearningRate);
        private readonly T _decay = T.CreateTruncating(group.WeightDecay);
        private readonly T _momentum = T.CreateTruncating(group.Momentum);
        private readonly T _kept = T.CreateTruncating(options.Alpha);
        private readonly T _new = T.CreateTruncating(1 - options.Alpha);
        private readonly T _epsilon = T.CreateTruncating(options.Epsilon);

        public void Update<TLanes>(ref TLanes w, TLanes dw, ref TLanes square, ref TLanes mean, ref TLanes velocity)
            where TLanes : struct, ILanes<TLanes, T>
        {
            var g = dw + (w * _decay);
            square = (square * _kept) + (g * g * _new);
            var spread = square;
            if (_centered != 0)
            {
                mean += (g - mean) * _new;
                // Rounding may leave a little less than nothing, which has no root.
                spread = TLanes.NotBelowZero(square - (mean * mean));
            }
            // Without momentum the direction is the quotient alone, for then it starts from 0 each time.
            velocity = (velocity * _momentum) + (g / (TLanes.Sqrt(spread) + TLanes.Of(_epsilon)));
            w -= velocity * _rate;
        }
    }
}
