using System.Text.Json.Serialization;

namespace Anneal.Zoo;

/// <summary>The JSON that the cache and its bundles write and read.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BlobRecord))]
[JsonSerializable(typeof(BundleManifest))]
[JsonSerializable(typeof(Validator))]
internal sealed partial class CacheJson : JsonSerializerContext;
