using System.Runtime.InteropServices;

namespace Anneal.Cli.Checkup;

/// <summary>Whether the drivers of graphics processors are installed, apart from whether any engine can use them.</summary>
internal static class DriverCheck
{
    public static IEnumerable<Finding> Run()
    {
        yield return Library("NVIDIA driver", OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1"], "needed for cuda:N only");
        yield return Library("OpenCL", OperatingSystem.IsWindows() ? ["OpenCL.dll"] : ["libOpenCL.so.1", "/System/Library/Frameworks/OpenCL.framework/OpenCL"], "needed for opencl:N only");
    }

    private static Finding Library(string subject, string[] names, string need)
    {
        foreach (var name in names)
            if (NativeLibrary.TryLoad(name, out var library))
            {
                NativeLibrary.Free(library);
                return Finding.Ok(subject, $"{name} loads");
            }
        return Finding.Absent(subject, $"no {names[0]}; {need}");
    }
}
