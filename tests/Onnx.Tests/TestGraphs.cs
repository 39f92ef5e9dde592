namespace Anneal.Onnx.Tests;

/// <summary>Small models that tests build on.</summary>
internal static class TestGraphs
{
    /// <summary>x -> Relu -> h; h + w -> y, with a constant w.</summary>
    public static Model ReluAdd()
    {
        var graph = new Graph("relu-add");
        var x = graph.AddInput("x", new TensorType(DType.Float32, new("N", 4)));
        var w = graph.AddInitializer(TensorData.Create<float>("w", [1, 2, 3, 4], 4));
        var relu = graph.AddNode("Relu", [x], ["h"]);
        var add = graph.AddNode("Add", [relu.Outputs[0], w], ["y"]);
        add.Outputs[0]!.Type = new TensorType(DType.Float32, new("N", 4));
        graph.AddOutput(add.Outputs[0]!);
        return new(graph) { ProducerName = "tests", OperatorSets = { [""] = 21 } };
    }

    /// <summary>x, c -> If(c) { Relu(x) } else { Neg(x) } -> y; both branches capture x.</summary>
    public static Model Branches()
    {
        var graph = new Graph("branches");
        var x = graph.AddInput("x", new TensorType(DType.Float32, new(4)));
        var c = graph.AddInput("c", new TensorType(DType.Bool, Shape.Scalar));
        var node = graph.AddNode("If", [c], ["y"]);
        Fill(node.AddSubgraph("then_branch", "then"), "Relu", x);
        Fill(node.AddSubgraph("else_branch", "else"), "Neg", x);
        node.Outputs[0]!.Type = new TensorType(DType.Float32, new(4));
        graph.AddOutput(node.Outputs[0]!);
        return new(graph) { OperatorSets = { [""] = 21 } };
    }

    /// <summary>A model of graphs nested so deep, as bytes, made from the inside out.</summary>
    public static byte[] Nested(int depth)
    {
        var reversed = new List<byte>();
        for (var i = 0; i < depth; i++)
            foreach (var field in (ReadOnlySpan<int>)[6, 5, 1])
                Wrap(reversed, field);
        Wrap(reversed, 7);
        reversed.AddRange([10, 8]);
        reversed.Reverse();
        return [.. reversed];
    }

    private static void Wrap(List<byte> reversed, int field)
    {
        var header = Field(field, new byte[reversed.Count])[..^reversed.Count];
        reversed.AddRange(header.Reverse());
    }

    /// <summary>A length-delimited field.</summary>
    public static byte[] Field(int number, byte[] content)
    {
        using var memory = new MemoryStream();
        using (var output = new Google.Protobuf.CodedOutputStream(memory, leaveOpen: true))
        {
            output.WriteTag(number, Google.Protobuf.WireFormat.WireType.LengthDelimited);
            output.WriteBytes(Google.Protobuf.ByteString.CopyFrom(content));
        }
        return memory.ToArray();
    }

    private static void Fill(Graph branch, string opType, Value captured) =>
        branch.AddOutput(branch.AddNode(opType, [captured], [opType + "_out"]).Outputs[0]!);
}
