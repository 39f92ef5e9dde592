using System.Numerics;
using Anneal.Onnx;

namespace Anneal.Training.Optim;

/// <summary>Options of <see cref="Adagrad"/>.</summary>
public sealed record AdagradOptions() : OptimizerOptions(1e-2)
{
    /// <summary>How the learning rate falls: in step t, from 0, it is η / (1 + t · this). At least 0, default 0.</summary>
    public double LearningRateDecay { get; init; }

    /// <summary>What the sums of squares start with. At least 0, default 0.</summary>
    public double InitialAccumulator { get; init; }

    /// <summary>ε, added to the root. At least 0, default 1e-10.</summary>
    public double Epsilon { get; init; } = 1e-10;

    internal override double InitialMomentum => 0;

    internal override void Validate()
    {
        base.Validate();
        RequireAtLeast(LearningRateDecay, 0, nameof(LearningRateDecay));
        RequireAtLeast(InitialAccumulator, 0, nameof(InitialAccumulator));
        RequireAtLeast(Epsilon, 0, nameof(Epsilon));
    }
}

/// <summary>
/// Adagrad (Duchi, Hazan and Singer 2011): s is the sum of g² over all steps, and w ← w - η·g / (√s + ε). Weight decay is added to the gradient. It
/// has no momentum: <see cref="ParameterGroup.Momentum"/> changes nothing.
/// </summary>
public sealed class Adagrad : Optimizer
{
    private readonly AdagradOptions _options;

    /// <summary>Trains parameters.</summary>
    /// <exception cref="AnnealException">An option is outside its range, or there is no parameter.</exception>
    public Adagrad(IEnumerable<Parameter> parameters, AdagradOptions options) : this(OneGroup(parameters), options) { }

    /// <summary>Trains groups of parameters.</summary>
    /// <exception cref="AnnealException">An option is outside its range, a parameter comes twice, or there is none.</exception>
    public Adagrad(IEnumerable<ParameterGroup> groups, AdagradOptions options) : base(groups, options, "sum") => _options = options;

    private protected override void Update(ParameterState state, Tensor dw)
    {
        var sum = state.Tensor(0, _options.InitialAccumulator);
        if (dw.DType == DType.Float32)
            UpdateLoop.Run<float, Rule<float>>(new(state, _options), state.Parameter, dw, sum);
        else
            UpdateLoop.Run<double, Rule<double>>(new(state, _options), state.Parameter, dw, sum);
    }

    internal readonly struct Rule<T>(ParameterState state, AdagradOptions options) : IUpdateRule<T> where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly T _rate = T.CreateTruncating(state.Group.LearningRate / (1 + ((state.Steps - 1) * options.LearningRateDecay)));
        private readonly T _decay = T.CreateTruncating(state.Group.WeightDecay);
        private readonly T _epsilon = T.CreateTruncating(options.Epsilon);

        public void Update<TLanes>(ref TLanes w, TLanes dw, ref TLanes sum, ref TLanes b, ref TLanes c)
            where TLanes : struct, ILanes<TLanes, T>
        {
            var g = dw + (w * _decay);
            sum += g * g;
            w -= g / (TLanes.Sqrt(sum) + TLanes.Of(_epsilon)) * _rate;
        }
    }
}
