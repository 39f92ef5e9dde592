using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Training.Data;
using Anneal.Zoo;

namespace Anneal.Training.Tuning;

/// <summary>Everything but the picture that decides what its features are, as one hash.</summary>
internal static class FeatureSpace
{
    /// <summary>The hash.</summary>
    /// <param name="model">SHA-256 of the frozen part with its weights.</param>
    /// <param name="value">The name of its output.</param>
    /// <param name="pipeline">How a picture becomes its input.</param>
    /// <param name="engine">What computes it.</param>
    /// <param name="device">On which device.</param>
    public static ContentHash Of(byte[] model, string value, PicturePipeline pipeline, IEngine engine, Device device) => ContentHash.Of(Encoding.UTF8.GetBytes(string.Join('\n', [
        Convert.ToHexString(model),
        value,
        JsonSerializer.Serialize(pipeline.Preprocessing, CatalogJson.Default.Preprocessing),
        pipeline.Shape.ToString(),
        $"{engine.Name} {VersionOf(engine)}",
        device.ToString(),
        nameof(DType.Float32),
        $"{typeof(FeatureSpace).Assembly.GetName().Version}",
    ])));

    /// <summary>SHA-256 of a serialised model.</summary>
    public static byte[] HashOf(ReadOnlyMemory<byte> model) => SHA256.HashData(model.Span);

    private static string VersionOf(IEngine engine) => engine is OrtEngine ? OrtEngine.Version : $"{engine.GetType().Assembly.GetName().Version}";
}
