using System.Text.Json;
using System.Text.Json.Serialization;

namespace Anneal.Zoo;

/// <summary>
/// The JSON form of catalogues, cards and what model files say of themselves, generated at build. Its metadata is also the one list of members, their types and which must be
/// there: <see cref="ModelCatalogShape"/> reads it.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectRequiredConstructorParameters = true,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    WriteIndented = true,
    Converters =
    [
        typeof(KebabEnum<ColorOrder>), typeof(KebabEnum<OrientationPolicy>), typeof(KebabEnum<TensorLayout>),
        typeof(KebabEnum<ResizeMode>), typeof(KebabEnum<ResizeFilter>), typeof(KebabEnum<ResizeStyle>),
        typeof(KebabEnum<OutputKind>), typeof(KebabEnum<WeightsStatus>), typeof(KebabEnum<Confidence>),
    ])]
[JsonSerializable(typeof(CatalogFile))]
[JsonSerializable(typeof(ModelCard))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(Lineage))]
[JsonSerializable(typeof(GoldenText))]
internal sealed partial class CatalogJson : JsonSerializerContext;

/// <summary>The one object of a catalogue file.</summary>
/// <param name="Models">The entries in the order they are listed.</param>
internal sealed record CatalogFile(IReadOnlyList<ModelCard> Models);

/// <summary>Enum members as lower-case words joined by dashes: <c>shorter-side</c>.</summary>
internal sealed class KebabEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) where T : struct, Enum;
