using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Training.Devices;

namespace Anneal.Training;

/// <summary>Which devices tensors can live on here, and which one a session gets. Nothing is replaced in silence.</summary>
internal static class EngineDevices
{
    /// <summary>The processor, then the GPUs of each kind as far as they can be counted, or one that says why there is none.</summary>
    public static IReadOnlyList<DeviceStatus> Status() =>
        [new(Device.Cpu, "CPU", ProviderOf(Device.Cpu)), .. Count(Device.Cuda), .. Count(Device.OpenCl)];

    /// <summary>The device for what the options ask, with a notice where <c>auto</c> settles for the processor.</summary>
    /// <exception cref="DeviceUnavailableException">A device was named and cannot be had.</exception>
    /// <exception cref="AnnealException">Nodes may run elsewhere, which they never do.</exception>
    public static ComputeDevice Choose(EngineOptions options, List<string> notices)
    {
        var device = options.Device.Kind is DeviceKind.Auto ? Best(notices) : ComputeDevice.Find(options.Device);
        return device.Name.Kind is DeviceKind.Cpu || !options.AllowCpuFallback
            ? device
            : throw new AnnealException($"EngineOptions.{nameof(EngineOptions.AllowCpuFallback)} is set, but the engine 'anneal' runs a model wholly on {device.Name} or not at all. Leave it out.");
    }

    /// <summary>What computes on a device.</summary>
    public static string ProviderOf(Device device) => device.Kind is DeviceKind.Cpu ? "kernels in C#" : "kernels through ILGPU";

    private static IEnumerable<DeviceStatus> Count(Func<int, Device> numbered)
    {
        for (var index = 0; ; index++)
        {
            var status = Ask(numbered(index));
            if (status.IsAvailable || index == 0)
                yield return status;
            if (!status.IsAvailable)
                yield break;
        }
    }

    private static DeviceStatus Ask(Device device) => new(device, $"{device}", ProviderOf(device), Problem(device));

    /// <summary>An OpenCL device may be the processor once more, slower: only a CUDA device is better for certain.</summary>
    private static ComputeDevice Best(List<string> notices)
    {
        var wanted = Device.Cuda(0);
        if (Problem(wanted) is not { } problem)
            return ComputeDevice.Find(wanted);
        notices.Add($"auto chose cpu, because {wanted} cannot be had: {problem}");
        return ComputeDevice.Cpu;
    }

    private static string? Problem(Device device)
    {
        try
        {
            _ = ComputeDevice.Find(device);
            return null;
        }
        catch (DeviceUnavailableException error)
        {
            return error.Message;
        }
    }
}
