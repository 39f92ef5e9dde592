using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Cli.Checkup;

/// <summary>
/// The smallest classifier that deserves the name: the mean of each colour, one matrix, softmax. Its weights were set by hand, so that
/// anyone can follow its arithmetic.
/// </summary>
internal static class RedOrBlue
{
    /// <summary>Rows and columns of the picture.</summary>
    public const int Size = 64;

    /// <summary>The names of the classes.</summary>
    public static readonly string[] Labels = ["red", "blue"];

    /// <summary>One row a class, one column a colour: red counts for the first class and against the second, blue the other way round.</summary>
    public static readonly float[] Weights = [4, 0, -4, -4, 0, 4];

    /// <summary>One number a class, added to its score: neither has a head start.</summary>
    public static readonly float[] Bias = [0, 0];

    /// <summary>How a picture becomes the model's input: bytes of red, green, blue to 0 to 1, nothing else.</summary>
    public static readonly Preprocessing Preprocessing = new()
    {
        Color = ColorOrder.Rgb,
        Orientation = OrientationPolicy.Ignore,
        Crop = new(Size, Size),
        Divide = 255,
        Layout = TensorLayout.Nchw,
    };

    /// <summary>The model as plain objects.</summary>
    public static Model Build()
    {
        var graph = new Graph("red_or_blue");
        var picture = graph.AddInput("picture", new TensorType(DType.Float32, new Shape("N", 3, Size, Size)));
        var weights = graph.AddInitializer(TensorData.Create("weights", Weights, 2, 3));
        var bias = graph.AddInitializer(TensorData.Create("bias", Bias, 2));
        var means = graph.AddNode("GlobalAveragePool", [picture], ["means"]).Outputs[0];
        var row = graph.AddNode("Flatten", [means], ["row"]).Outputs[0];
        var scores = graph.AddNode("Gemm", [row, weights, bias], ["scores"], NodeAttribute.Of("transB", 1)).Outputs[0]!;
        var probabilities = graph.AddNode("Softmax", [scores], ["probabilities"], NodeAttribute.Of("axis", 1)).Outputs[0]!;
        Give(graph, scores);
        Give(graph, probabilities);
        return Wrap(graph);
    }

    /// <summary>What the model must answer, worked out without it.</summary>
    /// <param name="means">The mean of red, green and blue, 0 to 1.</param>
    public static (float[] Scores, float[] Probabilities) ByHand(ReadOnlySpan<float> means)
    {
        var scores = new float[2];
        for (var row = 0; row < 2; row++)
            scores[row] = Bias[row] + Weights[3 * row] * means[0] + Weights[3 * row + 1] * means[1] + Weights[3 * row + 2] * means[2];
        var (red, blue) = (MathF.Exp(scores[0]), MathF.Exp(scores[1]));
        return (scores, [red / (red + blue), blue / (red + blue)]);
    }

    private static void Give(Graph graph, Value value)
    {
        value.Type = new TensorType(DType.Float32, new Shape("N", 2));
        graph.AddOutput(value);
    }

    private static Model Wrap(Graph graph)
    {
        var model = new Model(graph) { ProducerName = "anneal", DocString = "Says whether a picture is more red or more blue." };
        model.OperatorSets.Add(new("", 13));
        model.IrVersion = 8;
        model.Metadata["labels"] = string.Join(',', Labels);
        return model;
    }
}
