using System.Numerics;
using Anneal.Onnx;

namespace Anneal.Training.Optim;

/// <summary>
/// Adam (Kingma and Ba 2015, algorithm 1): m and v are running means of the gradient and its square, m̂ and v̂ the same without the pull of their
/// zeros at the start, and w ← w - η·m̂ / (√v̂ + ε). Weight decay is added to the gradient, as λ·w.
/// </summary>
public sealed class Adam : Optimizer
{
    private readonly AdamOptions _options;

    /// <summary>Trains parameters.</summary>
    /// <exception cref="AnnealException">An option is outside its range, or there is no parameter.</exception>
    public Adam(IEnumerable<Parameter> parameters, AdamOptions options) : this(OneGroup(parameters), options) { }

    /// <summary>Trains groups of parameters.</summary>
    /// <exception cref="AnnealException">An option is outside its range, a parameter comes twice, or there is none.</exception>
    public Adam(IEnumerable<ParameterGroup> groups, AdamOptions options) : base(groups, options, AdamRule.Roles) => _options = options;

    private protected override void Update(ParameterState state, Tensor dw) =>
        AdamRule.Update(state, dw, _options, decayOfGradient: state.Group.WeightDecay, shrink: 1);
}

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2): as <see cref="Adam"/>, but parameters shrink by η·λ themselves before
/// the step, so that decay is not scaled by the means of squares.
/// </summary>
public sealed class AdamW : Optimizer
{
    private readonly AdamWOptions _options;

    /// <summary>Trains parameters.</summary>
    /// <exception cref="AnnealException">An option is outside its range, or there is no parameter.</exception>
    public AdamW(IEnumerable<Parameter> parameters, AdamWOptions options) : this(OneGroup(parameters), options) { }

    /// <summary>Trains groups of parameters.</summary>
    /// <exception cref="AnnealException">An option is outside its range, a parameter comes twice, or there is none.</exception>
    public AdamW(IEnumerable<ParameterGroup> groups, AdamWOptions options) : base(groups, options, AdamRule.Roles) => _options = options;

    private protected override void Update(ParameterState state, Tensor dw) =>
        AdamRule.Update(state, dw, _options, decayOfGradient: 0, shrink: 1 - (state.Group.LearningRate * state.Group.WeightDecay));
}

/// <summary>What Adam and AdamW share.</summary>
internal static class AdamRule
{
    public static readonly string[] Roles = ["mean", "square"];

    public static void Update(ParameterState state, Tensor dw, AdamOptions options, double decayOfGradient, double shrink)
    {
        if (dw.DType == DType.Float32)
            UpdateLoop.Run<float, Rule<float>>(new(state, options, decayOfGradient, shrink), state.Parameter, dw, state.Tensor(0), state.Tensor(1));
        else
            UpdateLoop.Run<double, Rule<double>>(new(state, options, decayOfGradient, shrink), state.Parameter, dw, state.Tensor(0), state.Tensor(1));
    }

    internal readonly struct Rule<T>(ParameterState state, AdamOptions options, double decay, double shrink) : IUpdateRule<T> where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly T _shrink = T.CreateTruncating(shrink);
        private readonly T _decay = T.CreateTruncating(decay);
        private readonly T _newInMean = T.CreateTruncating(1 - state.Group.Momentum);
        private readonly T _keptSquare = T.CreateTruncating(options.Beta2);
        private readonly T _newInSquare = T.CreateTruncating(1 - options.Beta2);
        private readonly T _rate = T.CreateTruncating(state.Group.LearningRate / (1 - Math.Pow(state.Group.Momentum, state.Steps)));
        private readonly T _rootCorrection = T.CreateTruncating(Math.Sqrt(1 - Math.Pow(options.Beta2, state.Steps)));
        private readonly T _epsilon = T.CreateTruncating(options.Epsilon);

        public void Update<TLanes>(ref TLanes w, TLanes dw, ref TLanes mean, ref TLanes square, ref TLanes c)
            where TLanes : struct, ILanes<TLanes, T>
        {
            var g = dw + (w * _decay);
            mean += (g - mean) * _newInMean;
            square = (square * _keptSquare) + (g * g * _newInSquare);
            var root = (TLanes.Sqrt(square) / TLanes.Of(_rootCorrection)) + TLanes.Of(_epsilon);
            w = (w * _shrink) - (mean / root * _rate);
        }
    }
}
