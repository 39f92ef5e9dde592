using System.Text.Json;

namespace Anneal.Training.Tuning;

/// <summary>How far a training is: the part of a checkpoint that is text.</summary>
internal sealed record TuningPosition
{
    /// <summary>The digest of the plan that it belongs to.</summary>
    public required string Plan { get; init; }

    /// <summary>The stage, counted from 0.</summary>
    public required int Stage { get; init; }

    /// <summary>The epoch of all stages, counted from 0.</summary>
    public required int Epoch { get; init; }

    /// <summary>The next batch of the epoch.</summary>
    public required int Batch { get; init; }

    /// <summary>How many steps the optimisers of all stages have made.</summary>
    public required long Steps { get; init; }

    /// <summary>The sum of the losses of the epoch's pictures so far.</summary>
    public required double LossSum { get; init; }

    /// <summary>What the epochs before came to.</summary>
    public required IReadOnlyList<EpochReport> History { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, TuningJson.Default.TuningPosition);

    public static TuningPosition FromJson(string json) => JsonSerializer.Deserialize(json, TuningJson.Default.TuningPosition)!;
}
