using System.Reflection;
using System.Text.RegularExpressions;
using Anneal.Onnx;
using Anneal.Training.Devices;
using Anneal.Training.Ops;
using Anneal.Training.Optim;
using ILGPU.Runtime.OpenCL;

namespace Anneal.Training.Tests.Gpu;

/// <summary>
/// Every kernel that a row of the matrix launches, in value and gradient, and every one that training adds, compiles for NVIDIA GPUs of compute capability
/// 8.0 and is sound.
/// </summary>
public sealed partial class PtxTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_kernel_compiles_to_clean_PTX()
    {
        using var device = PtxDevice.Open(2000);
        ComputeDevice.Add(device);
        var rows = OpCases.All().Select(row => (Row: row, Twice: false)).Concat(GpuRow.InDouble.Select(row => (Row: row, Twice: true)));
        var refusals = rows.Select(pair => (pair.Row, Refusal: Launch(pair.Row, device.Name, pair.Twice))).Where(pair => pair.Row.IsTrained && pair.Refusal is not null);
        Assert.Empty(refusals.Select(pair => $"{pair.Row}: {pair.Refusal}"));
        Train(device);

        output.WriteLine($"{device.Compiled.Count} kernels");
        if (Environment.GetEnvironmentVariable("ANNEAL_PTX_FOLDER") is { Length: > 0 } folder)
            foreach (var ((_, ptx), i) in device.Compiled.Select((pair, i) => (pair, i)))
                File.WriteAllText(Path.Combine(folder, $"{i}.ptx"), ptx);
        Assert.NotEmpty(device.Compiled);
        string[] faults =
        [
            .. device.Compiled.Select(pair => (pair.Key, Fault: Fault(pair.Key, pair.Value))).Where(pair => pair.Fault is not null).Select(pair => $"{pair.Key} {pair.Fault}").Order(StringComparer.Ordinal),
            .. KernelStructs.MixedUp(device.Works).Select(types => $"ILGPU takes for one type {types}: give one of them a field more, or nest them alike"),
        ];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    [Fact]
    public void The_internal_member_of_ILGPU_that_is_set_by_name_is_there() =>
        Assert.NotNull(typeof(CLCapabilityContext).GetProperty(nameof(CLCapabilityContext.GenericAddressSpace))?.GetSetMethod(nonPublic: true));

    [Fact]
    public void Every_operator_that_is_trained_and_every_gradient_has_a_kernel_for_GPUs() =>
        Assert.Empty(KernelTable.All.OfType<ComputedKernel>().Where(kernel => IsTrained(kernel) && !kernel.HasGpuForm).Select(kernel => kernel.Name));

    private static bool IsTrained(ComputedKernel kernel) => kernel.Domain == TrainingDomain.Name || Overrides(kernel, nameof(GradientCall));

    /// <summary>Whether a kernel has a method of its own for its record that takes something.</summary>
    private static bool Overrides(ComputedKernel kernel, string taken) => kernel.GetType()
        .GetMethods(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        .Any(method => method.IsVirtual && method.GetParameters().Any(parameter => parameter.ParameterType.Name == taken));

    /// <summary>
    /// Compiles what a row launches, and says why it is refused, if it is. The device computes nothing: what is read back is noise, which an operator
    /// that looks at it refuses in another way.
    /// </summary>
    private static string? Launch(OpCase row, Device device, bool twice)
    {
        try
        {
            GpuRow.TryRun(row, device, out var refusal, twice);
            return refusal;
        }
        catch (AnnealException e) when (e is not DeviceUnavailableException)
        {
            return null;
        }
    }

    /// <summary>A step of every optimiser, an average, a norm, and dropout that tells what stayed.</summary>
    private static void Train(PtxDevice device)
    {
        using var scope = TensorScope.Begin();
        var parameter = new Parameter(Tensor.Ones([5]));
        parameter.SendTo(device);
        foreach (var optimizer in DeviceTrainingTests.Each([parameter]))
        {
            parameter.Grad = parameter.Detach();
            optimizer.Step();
        }
        var average = new Ema([parameter], 0.5);
        average.Update();
        average.Update();
        _ = GradientNorm.Of([parameter], 2);
        Tensor.ApplyAll(new KeyedDropout(0.5, 1), 2, parameter);
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
