using System.Text.Json;
using Anneal.Onnx.Ops;
using Anneal.Tests.Networks;

namespace Anneal.Onnx.Tests.Networks;

/// <summary>The full-size networks are those of the model zoo, by every fact that is known of its files, and ONNX Runtime runs them.</summary>
public sealed class NetworksTests
{
    // Beside four bytes for each number, a file holds the names and shapes of nodes and weights; weights mostly twice, as inputs too.
    private const long MostBytesAPart = 150;

    public static readonly TheoryData<string, string, long, string> Files = new()
    {
        { "bvlcalexnet", "validated/vision/classification/alexnet/model/bvlcalexnet-12.onnx", 60_965_226, "Conv 5, Dropout 2, Gemm 3, LRN 2, MaxPool 3, Relu 7, Reshape 1, Softmax 1" },
        { "alexnet", "Computer_Vision/alexnet_Opset17_torch_hub/alexnet_Opset17.onnx", 61_100_840, "AveragePool 1, Conv 5, Flatten 1, Gemm 3, MaxPool 3, Relu 7" },
        { "vgg16", "validated/vision/classification/vgg/model/vgg16-7.onnx", 138_357_544, "Conv 13, Dropout 2, Flatten 3, Gemm 3, MaxPool 5, Relu 15" },
        { "resnet18", "validated/vision/classification/resnet/model/resnet18-v1-7.onnx", 11_699_112, "Add 8, BatchNormalization 20, Conv 20, Flatten 1, Gemm 1, GlobalAveragePool 1, MaxPool 1, Relu 17" },
        { "resnet50", "validated/vision/classification/resnet/model/resnet50-v1-7.onnx", 25_629_032, "Add 16, BatchNormalization 53, Conv 53, Flatten 1, Gemm 1, GlobalAveragePool 1, MaxPool 1, Relu 49" },
        { "resnet101", "validated/vision/classification/resnet/model/resnet101-v1-7.onnx", 44_695_144, "Add 33, BatchNormalization 104, Conv 104, Flatten 1, Gemm 1, GlobalAveragePool 1, MaxPool 1, Relu 100" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void A_network_has_the_operators_and_as_many_weights_as_the_zoo_s_file(string network, string file, long weights, string operators)
    {
        var graph = Build(network).Graph;

        Assert.Equal(operators, Histogram(graph.Nodes));
        Assert.Equal(weights, graph.Initializers.Sum(value => value.Initializer!.ElementCount));
        var bytes = graph.Initializers.Sum(value => value.Initializer!.DType.ByteLength(value.Initializer.ElementCount));
        Assert.InRange(SizeOf(file) - bytes, 0, MostBytesAPart * (graph.Nodes.Count + graph.Initializers.Count));
    }

    [Theory]
    [InlineData("bvlcalexnet")]
    [InlineData("vgg16")]
    [InlineData("resnet18")]
    [InlineData("resnet50")]
    [InlineData("resnet101")]
    public void A_network_is_called_by_the_names_of_the_catalogue(string network)
    {
        var graph = Build(network).Graph;
        var file = network switch { "bvlcalexnet" => "bvlcalexnet-12.onnx", "vgg16" => "vgg16-7.onnx", _ => $"{network}-v1-7.onnx" };
        var row = Rows("models-catalogue.json").Single(row => row.GetProperty("file").GetString() == file);

        Assert.Equal(Named(row.GetProperty("ins")), Assert.Single(graph.RequiredInputs).ToString());
        Assert.Equal(Named(row.GetProperty("outs")), Assert.Single(graph.Outputs).ToString());
    }

    /// <summary>
    /// MXNet's export calls the flattening before a dense layer after the number of that layer among all operators and weights; the zoo's files
    /// have these numbers (they are in many public programs that cut the networks there), and one bias more or less would shift them.
    /// </summary>
    [Theory]
    [InlineData("vgg16", "flatten_60", "flatten_65", "flatten_70")]
    [InlineData("resnet18", "flatten_170")]
    [InlineData("resnet50", "flatten_473")]
    [InlineData("resnet101", "flatten_932")]
    public void Before_a_dense_layer_there_are_as_many_operators_and_weights_as_in_the_zoo_s_file(string network, params string[] flattenings) =>
        Assert.Equal(flattenings, Build(network).Graph.Nodes.Where(node => node.OpType == "Flatten").Select(node => node.Name));

    [Fact]
    public void Caffe_s_AlexNet_is_the_light_model_node_for_node()
    {
        var (graph, light) = (Build("bvlcalexnet").Graph, Light("light_bvlc_alexnet.onnx"));

        Assert.Equal(WeightsOf(light), Weights(graph));
        Assert.Equal(light.Nodes.Where(IsNoWeight).Select(Describe), graph.Nodes.Select(Describe));
    }

    [Fact]
    public void VGG_16_has_the_weights_of_the_light_VGG_19_without_three_convolutions()
    {
        var less = Weights(Build("vgg16").Graph);
        var more = WeightsOf(Light("light_vgg19.onnx"));

        Assert.Equal(more, less.Concat(["[256,256,3,3]", "[256]", "[512,512,3,3]", "[512]", "[512,512,3,3]", "[512]"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ResNet_50_has_the_convolutions_and_normalisations_of_the_light_one_and_biases_for_those_of_1x1()
    {
        var expected = WeightsOf(Light("light_resnet50.onnx"));
        int[][] stages = [[3, 64, 256], [4, 128, 512], [6, 256, 1024], [3, 512, 2048]];
        var biases = stages.SelectMany(stage => Enumerable.Repeat(new[] { $"[{stage[1]}]", $"[{stage[2]}]" }, stage[0]).SelectMany(pair => pair));

        Assert.Equal(expected.Concat(biases).Order(StringComparer.Ordinal), Weights(Build("resnet50").Graph));
    }

    [Theory]
    [InlineData("bvlcalexnet")]
    [InlineData("alexnet")]
    [InlineData("vgg16")]
    [InlineData("resnet18")]
    [InlineData("resnet50")]
    [InlineData("resnet101")]
    public void ONNX_Runtime_runs_a_network_and_every_value_has_the_shape_that_was_inferred(string network)
    {
        using var folder = new TempFolder();
        var (shapes, output) = Save(network, folder["network.onnx"]);
        // The weights need not be in memory twice.
        GC.Collect();
        var input = new SeededWeights(seed: 224).Uniform(network switch { "bvlcalexnet" => "data_0", "alexnet" => "x", _ => "data" }, -1, 1, 1, 3, 224, 224);

        var found = OrtRun.Run(folder["network.onnx"], [input], threads: 2);

        Assert.Equal(shapes, found.ToDictionary(tensor => tensor.Name, tensor => $"{tensor.Type}"));
        var numbers = found.Single(tensor => tensor.Name == output).ToFloats();
        Assert.Equal(1000, numbers.Length);
        Assert.All(numbers, number => Assert.True(float.IsFinite(number)));
        Assert.True(numbers.Max() - numbers.Min() > 1e-4f * Math.Abs(numbers.Max()), $"All numbers are near {numbers[0]}.");
    }

    [Fact]
    public void Seeded_weights_are_the_same_everywhere()
    {
        var weights = new SeededWeights(seed: 1).Uniform("w", -1, 1, 2, 4).ToFloats();

        Assert.Equal(weights, new SeededWeights(seed: 1).Uniform("w", -1, 1, 8).ToFloats());
        Assert.NotEqual(weights, new SeededWeights(seed: 2).Uniform("w", -1, 1, 8).ToFloats());
        Assert.NotEqual(weights, new SeededWeights(seed: 1).Uniform("v", -1, 1, 8).ToFloats());
        Assert.Equal("-0.38", $"{weights[0]:0.00}");
    }

    /// <summary>Saves a network of which every value is an output; gives the inferred types, with a batch of 1, and the name of its real output.</summary>
    private static (Dictionary<string, string> Shapes, string Output) Save(string network, string path)
    {
        var model = Build(network);
        var (graph, output) = (model.Graph, model.Graph.Outputs[0].Name);
        foreach (var value in graph.Nodes.SelectMany(node => node.Outputs).OfType<Value>().Where(value => !value.IsOutput).ToArray())
            graph.AddOutput(value);
        OnnxFile.Save(model, path);
        return (graph.Outputs.ToDictionary(value => value.Name, value => $"{value.Type}".Replace("[N,", "[1,", StringComparison.Ordinal)), output);
    }

    private static Model Build(string network) => network switch
    {
        "bvlcalexnet" => CaffeAlexNet.Build(),
        "alexnet" => TorchvisionAlexNet.Build(),
        "vgg16" => Vgg16.Build(),
        _ => ResNetV1.Build(int.Parse(network["resnet".Length..], System.Globalization.CultureInfo.InvariantCulture)),
    };

    private static string Histogram(IEnumerable<Node> nodes) =>
        string.Join(", ", nodes.GroupBy(node => node.OpType).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Key} {group.Count()}"));

    private static string[] Weights(Graph graph) => [.. graph.Initializers
        .Where(value => value.Initializer!.DType == DType.Float32 && value.Uses.Any(use => use.Node.OpType is "Conv" or "Gemm" or "BatchNormalization"))
        .Select(value => $"{value.Initializer!.Type.Shape}").Order(StringComparer.Ordinal)];

    /// <summary>The shapes of a light model's weights, each of which is one number repeated by a node, but for the smallest.</summary>
    private static string[] WeightsOf(Graph light) => [.. light.Nodes.Where(node => !IsNoWeight(node))
        .Select(node => $"[{string.Join(',', node.Inputs[0]!.Initializer!.ToInt64s())}]").Concat(Weights(light)).Order(StringComparer.Ordinal)];

    private static bool IsNoWeight(Node node) => node.OpType != "ConstantOfShape";

    /// <summary>
    /// An operator with its attributes and the names of its weights. Dropout lost its attributes to inputs, and Softmax had another default axis:
    /// both mean the same here.
    /// </summary>
    private static string Describe(Node node)
    {
        var weights = node.Inputs.OfType<Value>().Where(value => value.Producer is null or { OpType: "ConstantOfShape" }).Select(value => value.Name);
        var op = node.OpType is "Dropout" or "Softmax" ? node.OpType : string.Join(' ', OpTable.Find("", node.OpType)!.Read(node).ToAttributes().Select(Describe).Order(StringComparer.Ordinal));
        return $"{node.OpType}({string.Join(", ", weights)}) {op} {node.Outputs.Count}";
    }

    private static string Describe(NodeAttribute attribute) => attribute.Kind switch
    {
        AttributeKind.Ints => $"{attribute.Name}=[{string.Join(',', attribute.AsInts().ToArray())}]",
        AttributeKind.Int => $"{attribute.Name}={attribute.AsInt()}",
        AttributeKind.Float => $"{attribute.Name}={attribute.AsFloat()}",
        _ => throw new NotSupportedException($"{attribute}"),
    };

    private static Graph Light(string file) => OnnxFile.Load(TestData.Require("onnx-backend", "light", file)).Graph;

    private static long SizeOf(string path) => Rows(path.StartsWith("validated", StringComparison.Ordinal) ? "models-catalogue.json" : "torch-exports.json")
        .Single(row => row.GetProperty("path").GetString() == path).GetProperty("size").GetInt64();

    private static JsonElement[] Rows(string file) => [.. JsonDocument.Parse(File.ReadAllBytes(TestData.Require(file))).RootElement.EnumerateArray()];

    /// <summary>What the catalogue says of the one input or output: <c>data: Float32 [N,3,224,224]</c>.</summary>
    private static string Named(JsonElement values)
    {
        var value = values.EnumerateArray().Single();
        return $"{value.GetProperty("name").GetString()}: Float32 [{string.Join(',', value.GetProperty("shape").EnumerateArray().Select(extent => extent.ToString()))}]";
    }
}
