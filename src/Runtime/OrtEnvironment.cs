using Microsoft.ML.OnnxRuntime;

namespace Anneal.Runtime;

/// <summary>
/// ONNX Runtime's process-wide environment, created once: quiet (what goes wrong arrives as an exception, never as a line on standard
/// error) and without telemetry. An application that created it first keeps its own log level.
/// </summary>
internal static class OrtEnvironment
{
    private static readonly Lock Gate = new();
    private static OrtEnv? Instance;

    /// <summary>The environment.</summary>
    /// <exception cref="Onnx.AnnealException">The native library is missing, or of another version.</exception>
    public static OrtEnv Get()
    {
        lock (Gate)
            return Instance ??= Create();
    }

    private static OrtEnv Create()
    {
        try
        {
            return CreateQuietly();
        }
        catch (Exception error) when (OrtErrors.Explains(error))
        {
            throw OrtErrors.Explain("ONNX Runtime", error);
        }
    }

    private static OrtEnv CreateQuietly()
    {
        var options = new EnvironmentCreationOptions { logId = "Anneal", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        var environment = OrtEnv.IsCreated ? OrtEnv.Instance() : OrtEnv.CreateInstanceWithOptions(ref options);
        environment.DisableTelemetryEvents();
        return environment;
    }
}
