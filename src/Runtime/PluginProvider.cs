using Anneal.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Runtime;

/// <summary>
/// A provider in a library of its own, registered by path. ONNX Runtime keeps a library for the life of the process, since sessions may
/// use it; registering the same path again gives the same devices.
/// </summary>
internal static class PluginProvider
{
    private const uint Nvidia = 0x10DE;
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, IReadOnlyList<OrtEpDevice>> Registered = new(StringComparer.Ordinal);

    /// <summary>The devices that the library offers, in its order.</summary>
    /// <exception cref="DeviceUnavailableException">The file is missing, or is no provider library, or does not load.</exception>
    public static IReadOnlyList<OrtEpDevice> Register(OrtEnv environment, string library)
    {
        var path = Path.GetFullPath(library);
        lock (Gate)
        {
            if (Registered.TryGetValue(path, out var devices))
                return devices;
            return Registered[path] = Load(environment, path);
        }
    }

    /// <summary>Null when the library drives this NVIDIA GPU; otherwise what it offers instead.</summary>
    public static string? Problem(IReadOnlyList<OrtEpDevice> devices, string library, int index)
    {
        var count = devices.Count(IsNvidia);
        if (index < count)
            return null;
        var offers = devices.Count == 0 ? "no device" : string.Join(", ", devices.Select(Describe));
        return count == 0
            ? $"the provider library '{library}' offers no NVIDIA GPU here but {offers}: the driver is missing, or it is no library for CUDA"
            : $"there is no GPU number {index} for the provider library '{library}': it offers {offers}";
    }

    /// <summary>Asks for the provider on one of its GPUs.</summary>
    public static void Append(OrtEnv environment, SessionOptions native, IReadOnlyList<OrtEpDevice> devices, int index) =>
        native.AppendExecutionProvider(environment, [devices.Where(IsNvidia).ElementAt(index)], new Dictionary<string, string>());

    private static OrtEpDevice[] Load(OrtEnv environment, string path)
    {
        if (!File.Exists(path))
            throw new DeviceUnavailableException($"The provider library '{path}' does not exist. {nameof(EngineOptions)}.{nameof(EngineOptions.ProviderLibrary)} takes the path of an ONNX Runtime plugin provider.");
        try
        {
            var before = environment.GetEpDevices().Count;
            environment.RegisterExecutionProviderLibrary(path, path);
            return [.. environment.GetEpDevices().Skip(before)];
        }
        catch (OnnxRuntimeException error)
        {
            var text = OrtErrors.TextOf(error);
            throw new DeviceUnavailableException(text.Contains("CreateEpFactories", StringComparison.Ordinal)
                ? $"'{path}' is a library but no ONNX Runtime plugin provider: it does not export CreateEpFactories. (ONNX Runtime: {text})"
                : $"The provider library '{path}' does not load: a library that it needs is missing, or it is built for another system. (ONNX Runtime: {text})", error);
        }
    }

    private static bool IsNvidia(OrtEpDevice device) =>
        device.HardwareDevice.Type is OrtHardwareDeviceType.GPU && device.HardwareDevice.VendorId == Nvidia;

    private static string Describe(OrtEpDevice device) => $"{device.EpName} on {device.HardwareDevice.Vendor} {device.HardwareDevice.Type}";
}
