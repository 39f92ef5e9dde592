using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>
/// Runs models on ONNX Runtime. Stateless, cheap to create and safe to share between threads. The application references one native
/// package: <c>Microsoft.ML.OnnxRuntime</c> for the CPU, <c>Microsoft.ML.OnnxRuntime.Gpu</c> for CUDA; with none, the first call says so.
/// </summary>
public sealed class OrtEngine : IEngine
{
    /// <inheritdoc/>
    public string Name => "ort";

    /// <summary>The version of ONNX Runtime's native library.</summary>
    /// <exception cref="AnnealException">The native library is missing.</exception>
    public static string Version => OrtEnvironment.Get().GetVersionString();

    /// <inheritdoc/>
    /// <exception cref="AnnealException">The native library is missing.</exception>
    public IReadOnlyList<DeviceStatus> Devices => OrtProviders.Status();

    /// <inheritdoc/>
    /// <exception cref="AnnealException">The native library is missing, or an option is out of its range.</exception>
    public IModelSession Open(ModelSource model, EngineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= EngineOptions.Default;
        options.Validate();
        return new OrtSessionOpener(Name, model, options).Open();
    }
}
