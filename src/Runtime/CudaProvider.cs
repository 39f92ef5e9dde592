using Microsoft.ML.OnnxRuntime;

namespace Anneal.Runtime;

/// <summary>The CUDA provider that is built into ONNX Runtime's GPU package.</summary>
internal static class CudaProvider
{
    public const string Name = "CUDAExecutionProvider";

    /// <summary>Null when the GPU can be used; otherwise everything that is missing and how to get it.</summary>
    public static string? Problem(OrtEnv environment, CudaDriver driver, int index)
    {
        string?[] problems = [DriverProblem(driver, index), ProviderProblem(environment, index)];
        var missing = problems.OfType<string>().ToArray();
        return missing.Length == 0 ? null : string.Join("; and ", missing);
    }

    /// <summary>Asks for the provider.</summary>
    /// <exception cref="OnnxRuntimeException">It cannot be loaded.</exception>
    public static void Append(SessionOptions native, int index)
    {
        using var options = new OrtCUDAProviderOptions();
        options.UpdateOptions(new Dictionary<string, string> { ["device_id"] = $"{index}" });
        native.AppendExecutionProvider_CUDA(options);
    }

    private static string? DriverProblem(CudaDriver driver, int index) => driver.Problem
        ?? (index < driver.Names.Count
            ? null
            : $"there is no GPU number {index}: the driver counts {driver.Names.Count} from 0 ({string.Join(", ", driver.Names)})");

    private static string? ProviderProblem(OrtEnv environment, int index)
    {
        if (!environment.GetAvailableProviders().Contains(Name))
            return NoProvider;
        try
        {
            using var native = new SessionOptions();
            Append(native, index);
            return null;
        }
        catch (Exception error) when (error is EntryPointNotFoundException)
        {
            return NoProvider;
        }
        catch (Exception error) when (OrtErrors.Explains(error))
        {
            return $"ONNX Runtime's CUDA provider does not load: {OrtErrors.TextOf(error)}. Install the CUDA runtime and cuDNN of the versions it names where the loader looks (LD_LIBRARY_PATH on Linux, PATH on Windows)";
        }
    }

    private static string NoProvider =>
        "this application's ONNX Runtime is built without CUDA: reference the package Microsoft.ML.OnnxRuntime.Gpu in place of Microsoft.ML.OnnxRuntime, "
        + $"or name a CUDA plugin library in {nameof(EngineOptions)}.{nameof(EngineOptions.ProviderLibrary)}";
}
