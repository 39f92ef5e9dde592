using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Tests.Networks;
using Anneal.Training.Devices;

namespace Anneal.Training.Tests.Engine;

/// <summary>Whole networks in this engine give what ONNX Runtime gives; those that take long run when <c>ANNEAL_ALL_PHOTOS</c> is 1.</summary>
[Collection(nameof(Alone))]
public sealed class NetworkTests(ITestOutputHelper output)
{
    /// <summary>File, and whether it takes long.</summary>
    public static TheoryData<string, bool> Light => new()
    {
        { "light_squeezenet", false },
        { "light_shufflenet", false },
        { "light_bvlc_alexnet", true },
        { "light_inception_v1", true },
        { "light_inception_v2", true },
        { "light_densenet121", true },
        { "light_resnet50", true },
        { "light_zfnet512", true },
        { "light_vgg19", true },
    };

    public static TheoryData<string, bool> FullSize => new()
    {
        { "alexnet", false },
        { "resnet101", true },
        { "vgg16", true },
    };

    [Theory, MemberData(nameof(Light))]
    public void A_light_model_gives_what_was_recorded_with_it(string name, bool isLong)
    {
        LongRun.Require(isLong);
        using var session = new AnnealEngine().Open(LightFile(name), BothEngines.OnCpu);
        var ramp = new float[3 * 224 * 224];
        for (var i = 0; i < ramp.Length; i++)
            ramp[i] = (float)i / ramp.Length;
        var found = session.Run([NamedTensor.Create(session.Inputs[0].Name, ramp.AsMemory(), 1, 3, 224, 224)], TestContext.Current.CancellationToken)[0];
        var expected = TensorConversion.ToNamed(found.Name, TensorFile.Load(TestData.Require("onnx-backend", "light", $"{name}_output_0.pb")));
        Report(name, BothEngines.Relative(expected, found));
    }

    [Theory, MemberData(nameof(Light))]
    public void A_light_model_with_seeded_weights_gives_what_ONNX_Runtime_gives(string name, bool isLong)
    {
        LongRun.Require(isLong);
        using var folder = new TempFolder();
        var model = LightWeights.Fill(OnnxFile.Load(LightFile(name)), seed: 1);
        // A saturated Softmax hides what went wrong before it.
        foreach (var probabilities in model.Graph.Outputs.Where(value => value.Producer is { OpType: "Softmax" }).ToArray())
            model.Graph.AddOutput(probabilities.Producer!.Inputs[0]!);
        foreach (var value in model.Graph.Outputs)
            value.Type ??= new TensorType(DType.Float32);
        OnnxFile.Save(model, folder["seeded.onnx"]);
        var input = model.Graph.RequiredInputs.Single().Name;
        Report(name, BothEngines.Difference(folder["seeded.onnx"], NamedTensor.Create(input, LightWeights.Numbers(100, 3 * 224 * 224), 1, 3, 224, 224)));
    }

    [Theory, MemberData(nameof(FullSize))]
    public void A_full_size_network_gives_what_ONNX_Runtime_gives(string name, bool isLong)
    {
        LongRun.Require(isLong);
        using var folder = new TempFolder();
        var model = Build(name);
        OnnxFile.Save(model, folder["network.onnx"]);
        var input = model.Graph.RequiredInputs.Single().Name;
        Report(name, BothEngines.Difference(folder["network.onnx"], NamedTensor.Create(input, LightWeights.Numbers(7, 3 * 224 * 224), 1, 3, 224, 224)));
    }

    [Fact]
    public void A_run_of_ResNet_50_takes_a_part_of_the_memory_that_its_results_have_together()
    {
        LongRun.Require(isLong: true);
        var model = ResNetV1.Build(50);
        var all = model.Graph.Nodes.SelectMany(node => node.Outputs).Sum(value => Bytes((TensorType)value!.Type!));
        using var session = new AnnealEngine().Open(ModelSource.FromModel(model), BothEngines.OnCpu);
        var pool = ComputeDevice.Cpu.Pool;
        pool.ResetPeak();
        var before = pool.BytesInUse;
        session.Run([NamedTensor.Create("data", LightWeights.Numbers(7, 3 * 224 * 224), 1, 3, 224, 224)], TestContext.Current.CancellationToken);
        var peak = pool.PeakBytes - before;
        output.WriteLine($"peak {peak / 1e6:0.0} MB, all results {all / 1e6:0.0} MB");
        Assert.InRange(peak, 1, all / 4);
    }

    /// <summary>The size of a value with a batch of 1.</summary>
    private static long Bytes(TensorType type) => type.ElementType.ByteLength(type.Shape!.Aggregate(1L, (product, extent) => product * (extent.IsKnown ? extent.Value : 1)));

    private void Report(string name, double difference)
    {
        output.WriteLine($"{name}: {difference:0.0e+0}");
        Assert.InRange(difference, 0, BothEngines.Tolerance);
    }

    private static string LightFile(string name) => TestData.Require("onnx-backend", "light", $"{name}.onnx");

    private static Model Build(string name) => name switch
    {
        "alexnet" => TorchvisionAlexNet.Build(),
        "vgg16" => Vgg16.Build(),
        _ => ResNetV1.Build(101),
    };
}
