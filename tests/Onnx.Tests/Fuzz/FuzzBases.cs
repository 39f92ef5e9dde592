namespace Anneal.Onnx.Tests.Fuzz;

/// <summary>The models that mutants are made of: conformance vectors up to 64 KiB, chosen with a fixed seed, and graphs of this library's own.</summary>
internal static class FuzzBases
{
    private const int MostBytes = 64 << 10;
    private const int MostVectors = 400;

    /// <summary>The bases, always the same and in the same order for the same folder.</summary>
    /// <param name="folder">The folder of vectors; null for the library's own graphs alone.</param>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Load(string? folder)
    {
        string[] files = folder is null ? [] : [.. Directory.EnumerateFiles(folder, "model.onnx", SearchOption.AllDirectories)
            .Where(path => new FileInfo(path).Length is > 0 and <= MostBytes)
            .Order(StringComparer.Ordinal)];
        new Random(2026).Shuffle(files);
        return
        [
            ("chain", OnnxFile.ToBytes(Chain())),
            ("branches", OnnxFile.ToBytes(Branches())),
            ("loops", OnnxFile.ToBytes(Loops())),
            .. files.Take(MostVectors).Select(path => (Path.GetRelativePath(folder!, path), File.ReadAllBytes(path))),
        ];
    }

    private static Model Chain()
    {
        var graph = new Graph("chain");
        var value = graph.AddInput("x", new TensorType(DType.Float32, new("N", 3, 8, 8)));
        var (w, c) = (graph.AddInitializer(TensorData.Create("w", new float[108], 4, 3, 3, 3)), graph.AddInitializer(TensorData.Create("c", new float[4], 4)));
        value = graph.AddNode("Conv", [value, w], ["conv"]).Outputs[0]!;
        value = graph.AddNode("BatchNormalization", [value, c, c, c, c], ["bn"]).Outputs[0]!;
        value = graph.AddNode("Relu", [value], ["relu"]).Outputs[0]!;
        graph.AddOutput(graph.AddNode("Reshape", [value, graph.AddInitializer(TensorData.Create<long>("s", [0, -1], 2))], ["y"]).Outputs[0]!);
        return new(graph) { OperatorSets = { [""] = 22 } };
    }

    private static Model Branches()
    {
        var graph = new Graph("branches");
        var x = graph.AddInput("x", new TensorType(DType.Float32, new(4)));
        var node = graph.AddNode("If", [graph.AddInput("c", new TensorType(DType.Bool, Shape.Scalar))], ["y"]);
        foreach (var (branch, op) in new[] { ("then_branch", "Relu"), ("else_branch", "Neg") })
        {
            var body = node.AddSubgraph(branch);
            body.AddOutput(body.AddNode(op, [x], [op]).Outputs[0]!);
        }
        graph.AddOutput(node.Outputs[0]!);
        return new(graph) { OperatorSets = { [""] = 25 } };
    }

    /// <summary>Loops in loops, eight deep.</summary>
    private static Model Loops()
    {
        var graph = new Graph("loops");
        var (around, state) = (graph, graph.AddInput("x0", new TensorType(DType.Float32, new(2))));
        var trips = graph.AddInitializer(TensorData.Scalar("trips", 3L));
        var carried = new Stack<(Graph Graph, Value Made)>();
        for (var depth = 1; depth <= 8; depth++)
        {
            var loop = around.AddNode("Loop", [trips, null, state], [$"y{depth}"]);
            carried.Push((around, loop.Outputs[0]!));
            around = loop.AddSubgraph("body");
            around.AddInput($"i{depth}");
            around.AddOutput(around.AddInput($"c{depth}"));
            state = around.AddInput($"x{depth}");
        }
        around.AddOutput(around.AddNode("Add", [state, state], ["last"]).Outputs[0]!);
        foreach (var (holder, made) in carried)
            holder.AddOutput(made);
        return new(graph) { OperatorSets = { [""] = 25 } };
    }
}
