namespace Anneal.Training.Tuning;

/// <summary>Where a training is.</summary>
/// <param name="Stage">What happens: <see cref="TuningStage"/>.</param>
/// <param name="Epoch">The epoch, counted from 1; 0 before the first.</param>
/// <param name="Epochs">How many epochs there are.</param>
/// <param name="Done">How many steps of the stage's epoch, or pictures of a preparation, are done.</param>
/// <param name="Total">Of how many.</param>
public sealed record TuningProgress(TuningStage Stage, int Epoch, int Epochs, long Done, long Total)
{
    /// <summary>The mean loss of the epoch so far.</summary>
    public double? Loss { get; init; }

    /// <summary>The learning rate of the head.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Pictures learned from, a second, in this epoch so far.</summary>
    public double? ImagesPerSecond { get; init; }

    /// <summary>The time to the end of the training, guessed from what has passed; null while there is nothing to guess from.</summary>
    public TimeSpan? Left { get; init; }

    /// <summary>What an epoch came to, once at its end.</summary>
    public EpochReport? Finished { get; init; }

    /// <summary>Something worth knowing, in a full sentence.</summary>
    public string? Notice { get; init; }
}
