using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU.Runtime;

namespace Anneal.Training.Gpu;

/// <summary>
/// Where the drivers' libraries are. ILGPU asks for <c>cuda</c> and <c>OpenCL</c>; a machine that only runs programs has them with a version in
/// their name. An environment variable names a library that lies elsewhere.
/// </summary>
internal static class NativeLibraries
{
    /// <summary>The path of NVIDIA's driver library, when it is not where the loader looks.</summary>
    public const string CudaVariable = "ANNEAL_CUDA_LIBRARY";

    /// <summary>The path of OpenCL's loader, when it is not where the loader looks.</summary>
    public const string OpenClVariable = "ANNEAL_OPENCL_LIBRARY";

    private static readonly Lazy<bool> Resolver = new(Install);

    /// <summary>Makes ILGPU find the libraries; false when another part of the program has set a resolver, which then decides.</summary>
    public static bool Prepare() => Resolver.Value;

    /// <summary>The handle of a library that ILGPU asks for, or 0 when it is not here.</summary>
    public static nint Find(string name)
    {
        foreach (var candidate in Candidates(name))
            if (NativeLibrary.TryLoad(candidate, out var handle))
                return handle;
        return 0;
    }

    private static bool Install()
    {
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(Accelerator).Assembly, Resolve);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => Find(name);

    private static string[] Candidates(string name) => name switch
    {
        "cuda" => [.. Named(CudaVariable), "libcuda.so.1", "libcuda.so", "nvcuda.dll"],
        "OpenCL" => [.. Named(OpenClVariable), "libOpenCL.so.1", "libOpenCL.so", "OpenCL.dll"],
        _ => [],
    };

    private static string[] Named(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } path ? [path] : [];
}
