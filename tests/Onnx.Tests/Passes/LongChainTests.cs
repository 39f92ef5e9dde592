using System.Diagnostics;
using Anneal.Onnx.Passes;

namespace Anneal.Onnx.Tests.Passes;

/// <summary>Graphs of sixty thousand nodes: no pass may take a time that grows with the square of their number.</summary>
public sealed class LongChainTests(ITestOutputHelper output)
{
    private const int Layers = 20_000;

    [Fact]
    public void Normalisation_in_sixty_thousand_nodes_is_folded_in_seconds()
    {
        var model = Chain();
        var clock = Stopwatch.StartNew();
        Assert.True(new FoldBatchNorm().Run(model));

        output.WriteLine($"{clock.Elapsed.TotalSeconds:F1} s");
        Assert.Equal(2 * Layers, model.Graph.Nodes.Count);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    /// <summary>Conv, BatchNormalization and Relu, again and again, all with the same weights.</summary>
    private static Model Chain()
    {
        var graph = new Graph("chain");
        var value = graph.AddInput("x", new TensorType(DType.Float32, new(1, 1, 2, 2)));
        var weight = graph.AddInitializer(TensorData.Create("w", [1f], 1, 1, 1, 1));
        var one = graph.AddInitializer(TensorData.Create("one", [1f], 1));
        for (var layer = 0; layer < Layers; layer++)
        {
            var conv = graph.AddNode("Conv", [value, weight], [$"c{layer}"]).Outputs[0];
            var norm = graph.AddNode("BatchNormalization", [conv, one, one, one, one], [$"n{layer}"]).Outputs[0];
            value = graph.AddNode("Relu", [norm], [$"r{layer}"]).Outputs[0]!;
        }
        graph.AddOutput(value);
        var model = new Model(graph);
        model.OperatorSets[""] = 21;
        return model;
    }
}
