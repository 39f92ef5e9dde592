using Anneal.Onnx;

namespace Anneal.Zoo.Tests.Metadata;

/// <summary>Real networks, made to describe themselves.</summary>
public sealed class RealModelMetadataTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("resnet20-cifar10.onnx", "cifar10", "1")]
    [InlineData("squeezenet1.1-fp32-rebuilt.onnx", "imagenet-torchvision", "1, 2, 7")]
    [InlineData("mnist-wonnx-opt.onnx", "mnist", "1")]
    public void A_real_network_carries_its_card_and_a_picture_verifies_and_classifies_alone(string file, string convention, string batches)
    {
        var model = OnnxFile.Load(TestData.Require("models", file));
        var picture = Directory.EnumerateFiles(TestData.Require("datasets", "cifar10-subset", "test"), "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        var card = ModelCatalog.Default.Get(convention) with { Input = null, Output = null };
        var before = OnnxFile.ToBytes(model).Length;
        new ModelMetadata { Card = card, Golden = GoldenExample.Create(model, card, File.ReadAllBytes(picture), cancellation: TestContext.Current.CancellationToken) }.WriteTo(model);
        OnnxFile.Save(model, _folder[file]);

        var found = ModelVerifier.Verify(_folder[file], cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(batches, string.Join(", ", found.Batches));
        Assert.InRange(found.Largest, 0, found.Tolerance / 10);
        Assert.InRange(new FileInfo(_folder[file]).Length - before, 1, 100_000);
        using var alone = new ModelZoo().Load(_folder[file]);
        using var beside = new ModelZoo().Load(TestData.Require("models", file), new() { Card = card });
        Assert.Equal(beside.Classify(picture), alone.Classify(picture));
        TestContext.Current.TestOutputHelper!.WriteLine($"{file}: {new FileInfo(_folder[file]).Length - before} bytes more, largest difference {found.Largest:g3}, tolerance {found.Tolerance:g3}");
    }
}
