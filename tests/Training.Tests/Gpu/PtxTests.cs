using System.Text.RegularExpressions;
using Anneal.Onnx;
using Anneal.Training.Devices;
using ILGPU.Runtime.OpenCL;

namespace Anneal.Training.Tests.Gpu;

/// <summary>Every kernel that a row of the matrix launches, in value and gradient, compiles for NVIDIA GPUs of compute capability 8.0 and is sound.</summary>
public sealed partial class PtxTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_kernel_compiles_to_clean_PTX()
    {
        using var device = PtxDevice.Open(2000);
        ComputeDevice.Add(device);
        foreach (var row in OpCases.All())
            Launch(row, device.Name);

        output.WriteLine($"{device.Compiled.Count} kernels");
        if (Environment.GetEnvironmentVariable("ANNEAL_PTX_FOLDER") is { Length: > 0 } folder)
            foreach (var ((_, ptx), i) in device.Compiled.Select((pair, i) => (pair, i)))
                File.WriteAllText(Path.Combine(folder, $"{i}.ptx"), ptx);
        Assert.NotEmpty(device.Compiled);
        string[] faults = [.. device.Compiled.Select(pair => (pair.Key, Fault: Fault(pair.Key, pair.Value))).Where(pair => pair.Fault is not null).Select(pair => $"{pair.Key} {pair.Fault}").Order(StringComparer.Ordinal)];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    [Fact]
    public void The_internal_member_of_ILGPU_that_is_set_by_name_is_there() =>
        Assert.NotNull(typeof(CLCapabilityContext).GetProperty(nameof(CLCapabilityContext.GenericAddressSpace))?.GetSetMethod(nonPublic: true));

    /// <summary>The device compiles and computes nothing: what is read back is noise, which an operator that looks at it refuses.</summary>
    private static void Launch(OpCase row, Device device)
    {
        try
        {
            GpuRow.TryRun(row, device, out _);
        }
        catch (AnnealException e) when (e is not DeviceUnavailableException)
        {
            return;
        }
    }

    /// <summary>What is wrong with a kernel: each line is a mistake that ILGPU 1.5.3 is known to make, or one that costs most of the speed.</summary>
    private static string? Fault(string name, string ptx) =>
        !ptx.Contains(".visible .entry", StringComparison.Ordinal) ? $"was not compiled: {ptx}"
        : ptx.Contains(".extern .func", StringComparison.Ordinal) ? "calls a function without a body"
        : UntypedMove().IsMatch(ptx) ? "moves without a type"
        : ptx.Contains(".local", StringComparison.Ordinal) ? "keeps values in local memory"
        : ptx.Contains("tanh.approx", StringComparison.Ordinal) ? "approximates tanh to 11 bits"
        : ptx.Contains(".f64", StringComparison.Ordinal) && !name.Contains("Double", StringComparison.Ordinal) ? "computes in double"
        : GenericAccess().IsMatch(ptx) ? "loads or stores without an address space"
        : null;

    [GeneratedRegex(@"^\s*(@!?%p\d+\s+)?mov\s", RegexOptions.Multiline)]
    private static partial Regex UntypedMove();

    [GeneratedRegex(@"\b(ld|st)\.(v[24]\.)?[bfsu]\d")]
    private static partial Regex GenericAccess();
}
