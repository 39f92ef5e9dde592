namespace Anneal.Training.Tuning;

/// <summary>What a training is at.</summary>
public enum TuningStage
{
    /// <summary>The data is looked through.</summary>
    Checking,

    /// <summary>The frozen part is run once for every picture.</summary>
    Features,

    /// <summary>The head learns.</summary>
    Head,

    /// <summary>More than the head learns.</summary>
    Whole,
}
