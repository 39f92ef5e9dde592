using Anneal.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Runtime;

/// <summary>Which devices there are, and which provider drives the one that was asked for. Nothing is replaced in silence.</summary>
internal static class OrtProviders
{
    public const string Cpu = "CPUExecutionProvider";

    /// <summary>The processor, then every GPU that the driver counts, or one that says why there is none.</summary>
    public static IReadOnlyList<DeviceStatus> Status()
    {
        var environment = OrtEnvironment.Get();
        var driver = CudaDriver.Here;
        var gpus = Enumerable.Range(0, Math.Max(1, driver.Names.Count)).Select(index => new DeviceStatus(
            Device.Cuda(index),
            index < driver.Names.Count ? driver.Names[index] : "NVIDIA GPU",
            CudaProvider.Name,
            CudaProvider.Problem(environment, driver, index)));
        return [new(Device.Cpu, "CPU", Cpu), .. gpus];
    }

    /// <summary>The device to try first for the one that the options name, with a notice where <c>auto</c> settles for the processor.</summary>
    /// <exception cref="DeviceUnavailableException">A device was named and cannot be had, or the provider library is none.</exception>
    public static Device Choose(OrtEnv environment, EngineOptions options, List<string> notices)
    {
        if (options.Device.Kind is DeviceKind.OpenCl)
            throw new DeviceUnavailableException($"{options.Device} cannot be had from the engine 'ort': ONNX Runtime has no OpenCL provider. The engine 'anneal' runs on OpenCL; for 'ort', ask for cpu, cuda:N or auto.");
        if (options.Device.Kind is DeviceKind.Cpu && options.ProviderLibrary is null)
            return Device.Cpu;
        var wanted = options.Device.Kind is DeviceKind.Cuda ? options.Device : Device.Cuda(0);
        var problem = options.ProviderLibrary is { } library
            ? PluginProvider.Problem(PluginProvider.Register(environment, library), library, wanted.Index)
            : CudaProvider.Problem(environment, CudaDriver.Here, wanted.Index);
        if (options.Device.Kind is DeviceKind.Cpu)
            return Device.Cpu;
        if (problem is null)
            return wanted;
        if (options.Device.Kind is DeviceKind.Cuda)
            throw new DeviceUnavailableException($"{wanted} cannot be had: {problem}.");
        // The first thing that is missing; a person who wants the GPU reads the rest in IEngine.Devices.
        notices.Add($"auto chose cpu, because {wanted} cannot be had: {problem.Split(';')[0]}.");
        return Device.Cpu;
    }

    /// <summary>Asks for the provider that drives the device. The processor's is always there and comes last by itself.</summary>
    public static void Append(OrtEnv environment, SessionOptions native, EngineOptions options, Device device)
    {
        if (device.Kind is not DeviceKind.Cuda)
            return;
        if (options.ProviderLibrary is { } library)
            PluginProvider.Append(environment, native, PluginProvider.Register(environment, library), device.Index);
        else
            CudaProvider.Append(native, device.Index);
        if (!options.AllowCpuFallback)
            native.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1");
    }
}
