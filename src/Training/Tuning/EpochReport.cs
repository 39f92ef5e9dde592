namespace Anneal.Training.Tuning;

/// <summary>What an epoch came to.</summary>
/// <param name="Epoch">The epoch, counted from 1.</param>
/// <param name="Stage">What learned.</param>
/// <param name="TrainLoss">The mean loss of what was learned from, while it was learned.</param>
/// <param name="ValidationLoss">The mean cross entropy of what is judged by, afterwards.</param>
/// <param name="Top1">The share of what is judged by that is named right.</param>
/// <param name="LearningRate">The head's learning rate at the end.</param>
/// <param name="IsBest">Whether no epoch before was as good.</param>
public sealed record EpochReport(int Epoch, TuningStage Stage, double TrainLoss, double ValidationLoss, double Top1, double LearningRate, bool IsBest)
{
    /// <summary>How long learning took, without judging. It differs from run to run and goes into no file.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>How many pictures were learned from.</summary>
    public int Images { get; init; }

    /// <summary>Pictures learned from, a second.</summary>
    public double ImagesPerSecond => Duration > TimeSpan.Zero ? Images / Duration.TotalSeconds : 0;
}
