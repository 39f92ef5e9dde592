using System.Numerics;
using Anneal.Onnx;

namespace Anneal.Training.Optim;

/// <summary>Options of <see cref="Sgd"/>.</summary>
public sealed record SgdOptions() : OptimizerOptions(1e-3)
{
    /// <summary>The share of the last direction that is kept, from 0 to below 1. Default 0: none.</summary>
    public double Momentum { get; init; }

    /// <summary>The share of the gradient that does not enter the direction, from 0 to 1. Default 0. The first step ignores it.</summary>
    public double Dampening { get; init; }

    /// <summary>Whether the gradient is corrected by the momentum to come. Default false. Needs momentum and no dampening.</summary>
    public bool Nesterov { get; init; }

    internal override double InitialMomentum => Momentum;

    internal override void Validate()
    {
        base.Validate();
        RequireShare(Momentum, nameof(Momentum));
        if (Dampening is not (>= 0 and <= 1))
            throw new AnnealException($"{nameof(Dampening)} must be from 0 to 1; {Dampening} was given.");
        if (Nesterov && (Momentum == 0 || Dampening != 0))
            throw new AnnealException($"{nameof(Nesterov)} needs a momentum above 0 and no dampening; {Momentum} and {Dampening} were given.");
    }
}

/// <summary>
/// Gradient descent with momentum: v ← μ·v + (1 - dampening)·g and w ← w - η·v, where g is the gradient with λ·w added; with Nesterov
/// w ← w - η·(g + μ·v) (Sutskever et al. 2013, in PyTorch's form, in which the learning rate is not part of v and the first v is g).
/// </summary>
public sealed class Sgd : Optimizer
{
    private readonly SgdOptions _options;

    /// <summary>Trains parameters.</summary>
    /// <exception cref="AnnealException">An option is outside its range, or there is no parameter.</exception>
    public Sgd(IEnumerable<Parameter> parameters, SgdOptions options) : this(OneGroup(parameters), options) { }

    /// <summary>Trains groups of parameters.</summary>
    /// <exception cref="AnnealException">An option is outside its range, a parameter comes twice, or there is none.</exception>
    public Sgd(IEnumerable<ParameterGroup> groups, SgdOptions options) : base(groups, options, "momentum") => _options = options;

    private protected override void Update(ParameterState state, Tensor dw)
    {
        if (dw.DType == DType.Float32)
            Update<float>(state, dw);
        else
            Update<double>(state, dw);
    }

    private void Update<T>(ParameterState state, Tensor dw) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var group = state.Group;
        if (group.Momentum == 0)
        {
            UpdateLoop.Run<T, PlainRule<T>>(new(group), state.Parameter, dw);
            return;
        }
        // The first direction is the gradient itself: nothing of it is dampened.
        var isFirst = state.Find(0) is null;
        var velocity = state.Tensor(0);
        UpdateLoop.Run<T, MomentumRule<T>>(new(group, isFirst ? 1 : 1 - _options.Dampening, _options.Nesterov), state.Parameter, dw, velocity);
    }

    internal readonly struct PlainRule<T>(ParameterGroup group) : IUpdateRule<T> where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly T _rate = T.CreateTruncating(group.LearningRate);
        private readonly T _decay = T.CreateTruncating(group.WeightDecay);

        public void Update<TLanes>(ref TLanes w, TLanes dw, ref TLanes a, ref TLanes b, ref TLanes c)
            where TLanes : struct, ILanes<TLanes, T> =>
            w -= (dw + (w * _decay)) * _rate;
    }

    internal readonly struct MomentumRule<T>(ParameterGroup group, double share, bool nesterov) : IUpdateRule<T> where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly T _rate = T.CreateTruncating(group.LearningRate);
        private readonly T _decay = T.CreateTruncating(group.WeightDecay);
        private readonly T _momentum = T.CreateTruncating(group.Momentum);
        private readonly T _share = T.CreateTruncating(share);
        private readonly int _nesterov = nesterov ? 1 : 0; // a bool cannot be handed to a GPU

        public void Update<TLanes>(ref TLanes w, TLanes dw, ref TLanes velocity, ref TLanes b, ref TLanes c)
            where TLanes : struct, ILanes<TLanes, T>
        {
            var g = dw + (w * _decay);
            velocity = (velocity * _momentum) + (g * _share);
            w -= (_nesterov != 0 ? g + (velocity * _momentum) : velocity) * _rate;
        }
    }
}
