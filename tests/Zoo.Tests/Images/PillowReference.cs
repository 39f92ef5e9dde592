using System.Text.Json;
using System.Text.Json.Serialization;

namespace Anneal.Zoo.Tests.Images;

/// <summary>What Pillow 9.4 itself computed: digests of decoded photos, of resized and cropped ones, and of small patterns.</summary>
public sealed record PillowReference(
    IReadOnlyList<PillowReference.Photo> Photos, IReadOnlyList<PillowReference.Pattern> Patterns)
{
    public sealed record Photo(
        string File,
        int Width,
        int Height,
        [property: JsonPropertyName("decoded_rgb_sha256")] string DecodedRgb,
        [property: JsonPropertyName("resize256_crop224_sha256")] string Crop224);

    public sealed record Pattern(string Png, int[] To, IReadOnlyDictionary<string, string> Expected);

    public static PillowReference Load()
    {
        using var stream = File.OpenRead(TestData.Require("pillow", "pillow-reference.json"));
        return JsonSerializer.Deserialize<PillowReference>(stream, JsonSerializerOptions.Web)!;
    }
}
