using System.Text.Json;
using System.Text.Json.Serialization;
using Anneal.Onnx;
using Anneal.Training.Optim;

namespace Anneal.Training.Checkpoints;

/// <summary>The numbers of a training's state.</summary>
/// <param name="Optimizer">The optimiser's kind.</param>
/// <param name="Groups">What holds for each of its groups.</param>
/// <param name="Schedule">The position of its schedule.</param>
/// <param name="Plateau">What lowers rates on a plateau.</param>
/// <param name="Ema">The averages.</param>
/// <param name="Seed">The generator's seed.</param>
/// <param name="Draws">How many draws it has handed out.</param>
internal sealed record TrainingFacts(
    string? Optimizer, IReadOnlyList<GroupFacts> Groups, long? Schedule, PlateauState? Plateau, EmaFacts? Ema, ulong Seed, long Draws)
{
    public static TrainingFacts Of(TrainingState state) => new(
        state.Optimizer?.GetType().Name, [.. (state.Optimizer?.Groups ?? []).Select(GroupFacts.Of)], state.Scheduler?.Position, state.Plateau?.State,
        state.Ema is { } ema ? new(ema.Decay, ema.Updates) : null, state.Generator.Seed, state.Generator.Position);

    public static TrainingFacts Read(Checkpoint checkpoint)
    {
        if (!checkpoint.Metadata.TryGetValue(TrainingState.FactsName, out var json))
            throw new InvalidCheckpointException($"The checkpoint has no text '{TrainingState.FactsName}': it is not one that {nameof(TrainingState)} has captured.");
        try
        {
            var facts = JsonSerializer.Deserialize(json, TrainingJson.Default.TrainingFacts);
            return facts is { Draws: >= 0, Schedule: null or >= 0, Ema: null or { Updates: >= 0 } }
                ? facts
                : throw new InvalidCheckpointException($"The checkpoint's text '{TrainingState.FactsName}' has a count below 0, or none at all.");
        }
        catch (JsonException error)
        {
            throw new InvalidCheckpointException($"The checkpoint's text '{TrainingState.FactsName}' cannot be read: {error.Message}", error);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, TrainingJson.Default.TrainingFacts);

    /// <summary>Refuses a state that has other parts.</summary>
    public void RequireParts(TrainingState state)
    {
        Same("optimiser", Optimizer, state.Optimizer?.GetType().Name);
        Same("number of groups", Groups.Count, state.Optimizer?.Groups.Count ?? 0);
        Same("schedule", Schedule is null ? "none" : "one", state.Scheduler is null ? "none" : "one");
        Same("plateau", Plateau is null ? "none" : "one", state.Plateau is null ? "none" : "one");
        Same("decay of averages", Ema?.Decay, state.Ema?.Decay);
    }

    private static void Same<T>(string what, T there, T here)
    {
        if (!EqualityComparer<T>.Default.Equals(there, here))
            throw new AnnealException($"The checkpoint is that of another training: its {what} is {Text(there)}, and {Text(here)} here. Use the options that it was made with.");
    }

    private static string Text<T>(T value) => value is null ? "none" : FormattableString.Invariant($"{value}");
}

/// <summary>What holds for a group of parameters.</summary>
internal sealed record GroupFacts(double LearningRate, double WeightDecay, double Momentum)
{
    public static GroupFacts Of(ParameterGroup group) => new(group.LearningRate, group.WeightDecay, group.Momentum);

    public void ApplyTo(ParameterGroup group) => (group.LearningRate, group.WeightDecay, group.Momentum) = (LearningRate, WeightDecay, Momentum);

    public override string ToString() => FormattableString.Invariant($"rate {LearningRate}, weight decay {WeightDecay}, momentum {Momentum}");
}

/// <summary>What averages go by.</summary>
internal sealed record EmaFacts(double Decay, long Updates);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TrainingFacts))]
internal sealed partial class TrainingJson : JsonSerializerContext;
