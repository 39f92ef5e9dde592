using Anneal.Onnx;
using Anneal.Training.Devices;
using Anneal.Training.Gpu;

namespace Anneal.Training.Tests.Gpu;

/// <summary>
/// Rows of the matrix on a device, value and gradient, against the processor. On a GPU (<c>ANNEAL_TEST_DEVICE=cuda:0</c>) all rows run; without
/// one, those below run through OpenCL on the processor: one or more for every loop.
/// </summary>
[Trait("Category", "Gpu"), Collection("One device")]
public sealed class DeviceRowTests
{
    private static readonly string? Named = Environment.GetEnvironmentVariable("ANNEAL_TEST_DEVICE");

    private static readonly HashSet<string> Chosen =
    [
        "Tanh", "Erf", "Gelu by tanh", "Mul [2,3,4] [3,1]", "Div [2,3,1,5] [3,7,1]", "Pow", "Clip", "Cast to int64",
        "Transpose NCHW to NHWC", "Concat", "Slice backwards", "Gather of rows", "ArgMax True",
        "ScatterElements none", "RotaryEmbedding True", "Resize linear of pictures", "TopK of a thousand", "CumProd of long lanes", "ScatterND that multiplies",
        "Pad of pictures", "Col2Im of pictures", "Det of many",
        "ReduceMax of axes 0, 2 and 3", "ReduceSum of a long row", "MatMul [2,1,3,4] [3,4,5]",
        "Conv three axes", "ConvTranspose groups and dilation", "AveragePool same upper",
    ];

    private static readonly HashSet<string> ChosenInDouble = ["CumProd True True", "ScatterElements none"];

    public static TheoryData<string> Rows => [.. All().Select(row => row.Name).Where(name => Named is not null || Chosen.Contains(name))];

    public static TheoryData<string> RowsInDouble => [.. GpuRow.InDouble.Select(row => row.Name).Where(name => Named is not null || ChosenInDouble.Contains(name))];

    [Theory, MemberData(nameof(Rows))]
    public void A_device_computes_what_the_processor_computes(string name)
    {
        var device = Require();
        var row = All().Single(row => row.Name == name);
        var found = GpuRow.TryRun(row, device, out var refusal);
        Assert.SkipWhen(found is null && !row.IsTrained, refusal ?? "");
        Assert.True(found is not null, refusal);
        var expected = GpuRow.TryRun(row, Device.Cpu, out _)!;
        AssertClose(expected.Values, found.Values, row.Tolerance);
        AssertClose(expected.Gradients, found.Gradients, row.Tolerance);
    }

    [Theory, MemberData(nameof(RowsInDouble))]
    public void A_device_computes_in_double_what_the_processor_computes(string name)
    {
        var device = Require();
        var row = GpuRow.InDouble.Single(row => row.Name == name);
        var found = GpuRow.TryRun(row, device, out var refusal, twice: true);
        Assert.True(found is not null, refusal);
        var expected = GpuRow.TryRun(row, Device.Cpu, out _, twice: true)!;
        AssertWithin(expected.Values, found.Values, 1e-13);
        AssertWithin(expected.Gradients, found.Gradients, 1e-13);
    }

    [Theory]
    [InlineData("Add [3,4] [3,4]")]
    [InlineData("MatMul [3,4] [4,5]")]
    public void The_simulator_computes_what_the_processor_computes(string name)
    {
        var row = OpCases.All().Single(row => row.Name == name);
        var found = GpuRow.TryRun(row, Device.OpenCl(GpuDevices.Simulator), out var refusal);
        Assert.True(found is not null, refusal);
        AssertClose(GpuRow.TryRun(row, Device.Cpu, out _)!.Values, found.Values, row.Tolerance);
    }

    /// <summary>The device to test on; the test is skipped with the reason when there is none.</summary>
    internal static Device Require()
    {
        var device = Device.Parse(Named ?? "opencl:0");
        try
        {
            _ = ComputeDevice.Find(device);
        }
        catch (DeviceUnavailableException e) when (Named is null)
        {
            Assert.Skip(e.Message);
        }
        return device;
    }

    private static IEnumerable<OpCase> All() => OpCases.All().Concat(LargeRows.All());

    // A GPU's functions are a few last digits worse than the processor's.
    private static void AssertClose(double[][] expected, double[][] found, double tolerance) => AssertWithin(expected, found, Math.Max(2 * tolerance, 1e-5));

    private static void AssertWithin(double[][] expected, double[][] found, double tolerance)
    {
        for (var i = 0; i < expected.Length; i++)
            Assert.InRange(Compare.Relative(Tensor.From(expected[i]), Tensor.From(found[i])), 0, tolerance);
    }
}
