namespace Anneal.Training.Tuning;

/// <summary>The learning rates of the stages.</summary>
/// <param name="HeadAlone">Where only the head learns, from the first epoch to the last.</param>
/// <param name="HeadFirst">Where only the head learns, before more does.</param>
/// <param name="Whole">Where more than the head learns.</param>
internal readonly record struct TuningRates(StageRates HeadAlone, StageRates HeadFirst, StageRates Whole)
{
    /// <summary>
    /// The rates. A rate that is given is taken as it is. The default of the head is made for features of magnitude 1 and is brought to theirs, so that a
    /// step changes scores alike: AdamW steps by the rate itself, SGD by the rate times a gradient that grows with the features too. The share that
    /// decays in a step, which is the rate times the decay, stays.
    /// </summary>
    public static TuningRates Of(FineTuneOptions options, double featureScale)
    {
        var factor = options.Optimizer == OptimizerKind.Sgd ? featureScale * featureScale : featureScale;
        StageRates Fitted(double head, double body) => new(head / factor, options.WeightDecay * factor, body);
        StageRates Given(double rate) => new(rate, options.WeightDecay, rate);
        var head = Fitted(FineTuneOptions.DefaultHeadRate, FineTuneOptions.DefaultHeadRate);
        var whole = Fitted(FineTuneOptions.DefaultWholeRate, FineTuneOptions.DefaultWholeRate);
        return options.LearningRate is { } given ? new(Given(given), head, Given(given)) : new(head, head, whole);
    }
}
