namespace Anneal.Training.Tuning;

/// <summary>Which optimiser tunes.</summary>
public enum OptimizerKind
{
    /// <summary><see cref="Optim.AdamW"/>.</summary>
    AdamW,

    /// <summary><see cref="Optim.Sgd"/> with momentum.</summary>
    Sgd,
}
