using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Anneal.Cli.Checkup;

/// <summary>What this process runs on.</summary>
internal static class MachineCheck
{
    public static IEnumerable<Finding> Run()
    {
        yield return Finding.Ok("anneal", ProductVersion.Text);
        yield return Finding.Ok(".NET", $"{Environment.Version}, {RuntimeInformation.RuntimeIdentifier}");
        yield return Finding.Ok("system", $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.OSArchitecture}");
        yield return Finding.Ok("processor", $"{Quantity.Of(Environment.ProcessorCount, "core")} for this process, SIMD {SimdBits()} bits");
        yield return Finding.Ok("memory", $"{Quantity.Bytes(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)} for this process");
    }

    private static int SimdBits() =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 64;
}
