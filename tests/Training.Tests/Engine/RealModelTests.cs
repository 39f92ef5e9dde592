using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Zoo;
using Anneal.Zoo.Images;

namespace Anneal.Training.Tests.Engine;

/// <summary>Real models on real pictures: the scores are those of ONNX Runtime, and so is the order of the best five.</summary>
[Collection(nameof(Alone))]
public sealed class RealModelTests(ITestOutputHelper output)
{
    private const string Photos = "images/labelled";
    private const string Cifar = "datasets/cifar10-subset/test";
    private const string Digits = "datasets/mnist/t10k-images-idx3-ubyte.gz";

    /// <summary>Model, the card whose pictures it takes, the pictures, and how many of them make a short run.</summary>
    public static TheoryData<string, string, string, int> Models => new()
    {
        { "squeezenet1.1-fp32-rebuilt", "squeezenet1.1", Photos, 3 },
        { "mobilenetv2-int8-goku", "imagenet-torchvision", Photos, 2 },
        { "resnet50v2-stage1-3-features", "imagenet-torchvision", Photos, 1 },
        { "resnet20-cifar10", "cifar10", Cifar, 10 },
        { "cifar10-pytorch-tutorial-winml", "cifar10-half", Cifar, 50 },
        { "mnist-wonnx-opt", "mnist", Digits, 100 },
    };

    [Theory, MemberData(nameof(Models))]
    public void Scores_and_the_order_of_the_best_five_are_ONNX_Runtime_s(string model, string card, string pictures, int shortRun)
    {
        var path = TestData.Require("models", $"{model}.onnx");
        using var expecting = new OrtEngine().Open(path, BothEngines.OnCpu);
        using var session = new AnnealEngine().Open(path, BothEngines.OnCpu);
        var (count, worst) = (0, 0.0);
        foreach (var input in Inputs(session.Inputs[0], card, pictures).Take(LongRun.IsOn ? int.MaxValue : shortRun))
        {
            var expected = expecting.Run([input], TestContext.Current.CancellationToken)[0];
            var found = session.Run([input], TestContext.Current.CancellationToken)[0];
            worst = Math.Max(worst, BothEngines.Relative(expected, found));
            Assert.Equal(Best(expected), Best(found));
            count++;
        }
        output.WriteLine($"{model}: {count} pictures, largest difference {worst:0.0e+0}");
        Assert.InRange(count, shortRun, int.MaxValue);
        Assert.InRange(worst, 0, BothEngines.Tolerance);
    }

    [Fact]
    public void The_zoo_loads_a_model_on_this_engine()
    {
        var zoo = new ModelZoo();
        using var classifier = zoo.Load(TestData.Require("models", "squeezenet1.1-fp32-rebuilt.onnx"), new() { Card = zoo.Catalog.Get("squeezenet1.1"), Engine = new AnnealEngine(), Session = BothEngines.OnCpu });
        Assert.Equal(("anneal", Device.Cpu), (classifier.Session.Engine, classifier.Session.Device));
        Assert.Equal(0, classifier.Classify(TestData.Require("images", "labelled", "n01440764_tench.JPEG"))[0].Index);
    }

    private static IEnumerable<NamedTensor> Inputs(TensorInfo input, string card, string pictures)
    {
        var steps = ModelCatalog.Default.Get(card).Preprocessing;
        var preprocessor = input.Shape[2] > 0 ? new Preprocessor(steps, (int)input.Shape[2], (int)input.Shape[3]) : new Preprocessor(steps);
        var path = TestData.Require(pictures.Split('/'));
        foreach (var fill in File.Exists(path) ? FromDigits(path, preprocessor) : FromFolder(path, preprocessor))
        {
            var pixels = new float[preprocessor.SlotLength];
            fill(pixels);
            yield return NamedTensor.Create(input.Name, pixels, 1, preprocessor.Channels, preprocessor.Height, preprocessor.Width);
        }
    }

    private static IEnumerable<Action<float[]>> FromFolder(string path, Preprocessor preprocessor) =>
        Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file => (Action<float[]>)(pixels => preprocessor.Read(file, pixels)));

    private static IEnumerable<Action<float[]>> FromDigits(string path, Preprocessor preprocessor)
    {
        var digits = Idx.Read(path);
        return Enumerable.Range(0, digits.Shape[0]).Select(i => (Action<float[]>)(pixels =>
        {
            using var digit = digits.Picture(i);
            preprocessor.Run(digit, pixels);
        }));
    }

    private static IEnumerable<int> Best(NamedTensor scores) =>
        scores.As<float>().ToArray().Index().OrderByDescending(score => score.Item).Take(5).Select(score => score.Index);
}
