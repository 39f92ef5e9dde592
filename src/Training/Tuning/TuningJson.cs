using System.Text.Json.Serialization;

namespace Anneal.Training.Tuning;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Recipe))]
[JsonSerializable(typeof(TuningPosition))]
internal sealed partial class TuningJson : JsonSerializerContext;
