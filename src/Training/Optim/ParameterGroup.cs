using Anneal.Onnx;

namespace Anneal.Training.Optim;

/// <summary>
/// Parameters that an optimiser treats alike. What a group is not told it takes from the optimiser's options; schedules change it as they go:
/// <c>new Sgd([new(backbone) { LearningRate = 1e-3 }, new(head)], new() { LearningRate = 1e-2 })</c>.
/// </summary>
public sealed class ParameterGroup
{
    private double? _learningRate;
    private double? _weightDecay;
    private double? _momentum;

    /// <summary>A group of parameters.</summary>
    public ParameterGroup(IEnumerable<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Parameters = [.. parameters];
    }

    /// <summary>The parameters.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The learning rate of the next step.</summary>
    /// <exception cref="AnnealException">No optimiser has the group yet and it was told nothing.</exception>
    public double LearningRate
    {
        get => Known(_learningRate, nameof(LearningRate));
        set => _learningRate = NotNegative(value, nameof(LearningRate));
    }

    /// <summary>The weight decay of the next step.</summary>
    /// <inheritdoc cref="LearningRate"/>
    public double WeightDecay
    {
        get => Known(_weightDecay, nameof(WeightDecay));
        set => _weightDecay = NotNegative(value, nameof(WeightDecay));
    }

    /// <summary>The momentum of the next step: that of <see cref="Sgd"/> and <see cref="RmsProp"/>, β₁ of <see cref="Adam"/> and <see cref="AdamW"/>.</summary>
    /// <inheritdoc cref="LearningRate"/>
    public double Momentum
    {
        get => Known(_momentum, nameof(Momentum));
        set => _momentum = NotNegative(value, nameof(Momentum));
    }

    /// <summary>
    /// Two groups, of which only the first decays: matrices and filters. Biases and the scales and shifts of normalisations, which have one axis,
    /// are the second, without decay (He et al. 2019, "Bag of Tricks for Image Classification", section 3.1). A group without parameters is left out.
    /// </summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="decays">Says which parameters decay; default: those with two axes or more.</param>
    public static IReadOnlyList<ParameterGroup> SplitByDecay(IEnumerable<Parameter> parameters, Func<Parameter, bool>? decays = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var sides = parameters.ToLookup(decays ?? (parameter => parameter.Rank > 1));
        ParameterGroup[] groups = [new(sides[true]), new(sides[false]) { WeightDecay = 0 }];
        return [.. groups.Where(group => group.Parameters.Count > 0)];
    }

    /// <summary>Takes from an optimiser's options what the group was not told.</summary>
    internal void Complete(OptimizerOptions options)
    {
        _learningRate ??= options.LearningRate;
        _weightDecay ??= options.WeightDecay;
        _momentum ??= options.InitialMomentum;
    }

    private static double Known(double? value, string name) =>
        value ?? throw new AnnealException($"The group has no {name} yet: it takes the optimiser's when an optimiser is made with it.");

    private static double NotNegative(double value, string name) => value >= 0 && double.IsFinite(value)
        ? value
        : throw new AnnealException($"{name} of a group must be a number of at least 0; {value} was given.");
}
