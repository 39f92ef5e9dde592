using System.Runtime.InteropServices;
using System.Text;

namespace Anneal.Runtime;

/// <summary>What the NVIDIA driver says for itself, asked without any package: which GPUs there are, or why there are none.</summary>
/// <param name="Names">The GPUs' names, in the driver's order.</param>
/// <param name="Problem">Null when there is a GPU; otherwise what is missing and how to get it.</param>
internal sealed record CudaDriver(IReadOnlyList<string> Names, string? Problem)
{
    private static readonly Lazy<CudaDriver> Probed = new(Probe);

    /// <summary>This machine's driver, asked once.</summary>
    public static CudaDriver Here => Probed.Value;

    private static string Library => OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";

    private static CudaDriver Probe() => NativeLibrary.TryLoad(Library, out var library)
        ? Ask(library)
        : None($"the NVIDIA driver is not installed ({Library} was not found); install it, or give the container access to the GPU");

    // CUresult cuInit(unsigned), cuDeviceGetCount(int*), cuDeviceGetName(char*, int, CUdevice): the CUDA driver API, 0 is success.
    private static unsafe CudaDriver Ask(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "cuInit", out var init)
            || !NativeLibrary.TryGetExport(library, "cuDeviceGetCount", out var count)
            || !NativeLibrary.TryGetExport(library, "cuDeviceGetName", out var name))
            return None($"{Library} is no NVIDIA driver: it lacks cuInit, cuDeviceGetCount or cuDeviceGetName");
        var status = ((delegate* unmanaged<uint, int>)init)(0);
        var devices = 0;
        if (status == 0)
            status = ((delegate* unmanaged<int*, int>)count)(&devices);
        if (status != 0)
            return None($"the NVIDIA driver is installed but answers with error {status}{Meaning(status)}");
        if (devices == 0)
            return None("the NVIDIA driver is installed but sees no GPU; is one hidden by CUDA_VISIBLE_DEVICES?");
        var names = new string[devices];
        for (var device = 0; device < devices; device++)
            names[device] = NameOf((delegate* unmanaged<byte*, int, int, int>)name, device);
        return new(names, null);
    }

    private static unsafe string NameOf(delegate* unmanaged<byte*, int, int, int> name, int device)
    {
        var text = stackalloc byte[256];
        return name(text, 256, device) == 0
            ? Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text))
            : $"NVIDIA GPU {device}";
    }

    private static string Meaning(int status) => status switch
    {
        100 => " (no CUDA device): no GPU is visible to this process",
        803 => " (driver and library versions differ): restart the machine after the driver's update",
        999 => " (unknown): try nvidia-smi, and restart the machine if it fails too",
        _ => "; see nvidia-smi",
    };

    private static CudaDriver None(string problem) => new([], problem);
}
