using Anneal.Onnx;

namespace Anneal.Runtime.Tests;

/// <summary>Devices that are there and devices that are not. A machine with a GPU and its package runs the other half of each.</summary>
public sealed class DeviceTests
{
    private static readonly byte[] Model = new TinyModel().Input("x", DType.Float32, "N", 2).Output("y", DType.Float32, "N", 2)
        .Node("Relu", ["x"], ["middle"], "first").Node("Exp", ["middle"], ["y"], "second").ToBytes();

    private static DeviceStatus Gpu => new OrtEngine().Devices.First(device => device.Device == Device.Cuda(0));

    [Fact]
    public void The_processor_is_always_there_and_a_GPU_says_what_it_lacks()
    {
        var devices = new OrtEngine().Devices;

        Assert.Equal(new DeviceStatus(Device.Cpu, "CPU", "CPUExecutionProvider"), devices[0]);
        Assert.All(devices.Skip(1), device => Assert.Equal(DeviceKind.Cuda, device.Device.Kind));
        Assert.Equal(Gpu.Missing is null, Gpu.IsAvailable);
    }

    [Fact]
    public void A_GPU_that_cannot_be_had_is_an_error_naming_all_that_is_missing()
    {
        Assert.SkipWhen(Gpu.IsAvailable, "This machine has a GPU.");
        var error = Assert.Throws<DeviceUnavailableException>(() => Open(new() { Device = Device.Cuda() }));
        Assert.StartsWith("cuda:0 cannot be had: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(Gpu.Missing!, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_beyond_the_last_GPU_is_refused() =>
        Assert.Contains("cuda:99", Assert.Throws<DeviceUnavailableException>(() => Open(new() { Device = Device.Cuda(99) })).Message, StringComparison.Ordinal);

    [Fact]
    public void Auto_settles_for_the_processor_and_says_why()
    {
        Assert.SkipWhen(Gpu.IsAvailable, "This machine has a GPU.");
        using var session = Open(new() { Device = Device.Auto });
        Assert.Equal(Device.Cpu, session.Device);
        Assert.Equal($"auto chose cpu, because cuda:0 cannot be had: {Gpu.Missing!.Split(';')[0]}.", Assert.Single(session.Notices));
    }

    [Fact]
    public void A_GPU_that_is_there_gives_the_processors_answers()
    {
        Assert.SkipUnless(Gpu.IsAvailable, Gpu.Missing ?? "");
        using var session = Open(new() { Device = Device.Auto });
        Assert.Equal(Device.Cuda(), session.Device);
        Assert.Equal(1, session.Run([NamedTensor.Create<float>("x", new float[] { 0, 0 }, 1, 2)])[0].As<float>().Span[0], 1e-6);
    }

    [Fact]
    public void OpenCL_is_refused_naming_the_engine_that_has_it()
    {
        var error = Assert.Throws<DeviceUnavailableException>(() => Open(new() { Device = Device.OpenCl(1) }));
        Assert.Contains("opencl:1", error.Message, StringComparison.Ordinal);
        Assert.Contains("ONNX Runtime has no OpenCL provider. The engine 'anneal'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_provider_library_that_is_not_there_is_refused_on_every_device()
    {
        foreach (var device in new[] { Device.Auto, Device.Cpu, Device.Cuda() })
            Assert.Contains("/no/such/provider.so' does not exist", Refused("/no/such/provider.so", device), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_library_is_told_from_a_library_that_is_no_provider()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["text.so"], "not a library");
        var shared = Directory.EnumerateFiles(AppContext.BaseDirectory, "*onnxruntime_providers_shared*", SearchOption.AllDirectories).First(IsForThisSystem);

        Assert.Contains("does not load", Refused(folder["text.so"], Device.Cuda()), StringComparison.Ordinal);
        Assert.Contains("no ONNX Runtime plugin provider: it does not export CreateEpFactories", Refused(shared, Device.Cuda()), StringComparison.Ordinal);
    }

    [Fact]
    public void Placement_names_every_node_and_its_provider()
    {
        using var session = Open(new() { Device = Device.Cpu, ReportPlacement = true });

        Assert.Equal(
            [new("first", "Relu", "CPUExecutionProvider"), new NodePlacement("second", "Exp", "CPUExecutionProvider")],
            session.Placement);
        Assert.Empty(session.Notices);
    }

    [Fact]
    public void Placement_of_a_real_network_accounts_for_its_operators()
    {
        using var session = new OrtEngine().Open(TestData.Require("models", "squeezenet1.1-fp32-rebuilt.onnx"), new() { Device = Device.Cpu, ReportPlacement = true });
        Assert.Equal(26, session.Placement!.Count(node => node.OpType.Contains("Conv", StringComparison.Ordinal)));
    }

    [Fact]
    public void Placement_that_no_run_can_tell_is_a_notice()
    {
        var model = new TinyModel().Input("x", DType.Float32, 1, "width").Output("y", DType.Float32, 1, "width").Node("Relu", ["x"], ["y"]).ToBytes();
        using var session = new OrtEngine().Open(ModelSource.FromBytes(model), new() { Device = Device.Cpu, ReportPlacement = true });
        Assert.Null(session.Placement);
        Assert.Contains("not known", Assert.Single(session.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Nodes_left_to_the_processor_are_named()
    {
        List<string> notices = [];
        IReadOnlyList<NodePlacement> placement = [new("conv1", "Conv", "CUDAExecutionProvider"), new("shape", "Shape", "CPUExecutionProvider")];

        OrtPlacement.NoticeFallback(placement, Device.Cpu, notices);
        Assert.Empty(notices);
        OrtPlacement.NoticeFallback(placement, Device.Cuda(), notices);
        Assert.Equal("1 of 2 nodes run on the processor, not on cuda:0: Shape 'shape'.", Assert.Single(notices));
    }

    [Theory]
    [InlineData(0, "", 0, null)]
    [InlineData(2, "", 1, null)]
    [InlineData(2, "", 2, "there is no GPU number 2: the driver counts 2 from 0 (GPU 0, GPU 1)")]
    [InlineData(0, "the driver is gone", 0, "the driver is gone")]
    public void The_driver_is_asked_before_the_package(int gpus, string problem, int index, string? expected)
    {
        var driver = new CudaDriver([.. Enumerable.Range(0, Math.Max(gpus, problem.Length > 0 ? 0 : 1)).Select(i => $"GPU {i}")], problem.Length > 0 ? problem : null);

        var missing = CudaProvider.Problem(OrtEnvironment.Get(), driver, index);

        Assert.StartsWith(expected ?? "this application's ONNX Runtime is built without CUDA: reference the package Microsoft.ML.OnnxRuntime.Gpu", missing, StringComparison.Ordinal);
    }

    private static bool IsForThisSystem(string path) =>
        path.Contains(System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier, StringComparison.Ordinal) && !path.EndsWith(".lib", StringComparison.Ordinal);

    private static string Refused(string library, Device device) =>
        Assert.Throws<DeviceUnavailableException>(() => Open(new() { Device = device, ProviderLibrary = library })).Message;

    private static IModelSession Open(EngineOptions options) => new OrtEngine().Open(ModelSource.FromBytes(Model), options);
}
