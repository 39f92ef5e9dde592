using Anneal.Onnx;

namespace Anneal.Zoo.Tests.Metadata;

/// <summary>The mean of each colour, one matrix: small enough that anyone can work out its answers.</summary>
internal static class TinyNet
{
    public static readonly float[] Weights = [4, 0.25f, -4, -4, 0, 4, 1, 2, 3];

    public static readonly float[] Bias = [0.5f, -0.5f, 0.125f];

    /// <summary>Its card; class names stand in it.</summary>
    public static ModelCard Card { get; } = new()
    {
        Name = "tiny",
        Summary = "A tiny network",
        OutputKind = OutputKind.Logits,
        Input = new("x", [-1, 3, 2, 2]),
        Output = new("y", [-1, 3]),
        Preprocessing = new() { Color = ColorOrder.Rgb, Orientation = OrientationPolicy.Ignore, Crop = new(2, 2), Divide = 255, Layout = TensorLayout.Nchw },
        ClassNames = ["warm", "cold", "grün, nicht blau"],
        Licence = new("MIT", "us"),
        Evidence = new Dictionary<string, Evidence> { ["preprocessing"] = new(Confidence.Stated, "It was made so.") },
    };

    /// <summary>The model.</summary>
    /// <param name="batch">A fixed batch, or null for an open one.</param>
    /// <param name="last">A last operator that takes and gives [N,3], or null.</param>
    /// <param name="weights">Other weights, or null for <see cref="Weights"/>.</param>
    public static Model Build(long? batch = null, string? last = null, float[]? weights = null)
    {
        Dim n = batch is { } extent ? extent : "N";
        var graph = new Graph("tiny");
        var x = graph.AddInput("x", new TensorType(DType.Float32, new Shape(n, 3, 2, 2)));
        var w = graph.AddInitializer(TensorData.Create("w", weights ?? Weights, 3, 3));
        var b = graph.AddInitializer(TensorData.Create("b", Bias, 3));
        var means = graph.AddNode("GlobalAveragePool", [x], ["means"]).Outputs[0];
        var row = graph.AddNode("Flatten", [means], ["row"]).Outputs[0];
        var y = graph.AddNode("Gemm", [row, w, b], [last is null ? "y" : "scores"], NodeAttribute.Of("transB", 1)).Outputs[0]!;
        if (last is not null)
            y = graph.AddNode(last, [y], ["y"], last == "Softmax" ? [NodeAttribute.Of("axis", 0)] : []).Outputs[0]!;
        y.Type = new TensorType(DType.Float32, new Shape(n, 3));
        graph.AddOutput(y);
        var model = new Model(graph) { IrVersion = 8, ProducerName = "test" };
        model.OperatorSets.Add(new("", 13));
        return model;
    }

    /// <summary>The model as a file that describes itself.</summary>
    public static Model Described(GoldenExample? golden = null)
    {
        var model = Build();
        new ModelMetadata { Card = Card, Golden = golden ?? GoldenExample.Create(model, Card, ColourSession.Bitmap('g')) }.WriteTo(model);
        return model;
    }
}
