using Anneal.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Anneal.Training.Tests;

/// <summary>A model of one node, written by this library and run by ONNX Runtime: the independent oracle of values.</summary>
internal static class OneOpModel
{
    public static IReadOnlyList<TensorData> Run(OpCase row, Tensor?[] inputs)
    {
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        using var session = new InferenceSession(OnnxFile.ToBytes(Build(row, inputs)), options);
        using var run = new RunOptions();
        var given = inputs.Select((input, i) => (Name: $"x{i}", Tensor: input)).Where(input => input.Tensor is not null).ToArray();
        OrtValue[] values = [.. given.Select(input => Value(input.Tensor!))];
        using var outputs = session.Run(run, [.. given.Select(input => input.Name)], values, session.OutputNames);
        var results = outputs.Select(Read).ToArray();
        foreach (var value in values)
            value.Dispose();
        return results;
    }

    /// <summary>The model of a row.</summary>
    public static Model Build(OpCase row, Tensor?[] inputs)
    {
        var graph = new Graph(row.Name);
        var values = inputs.Select((input, i) => input is null ? null : graph.AddInput($"x{i}", new TensorType(input.DType, Shape.Of([.. input.Shape.Select(e => (long)e)])))).ToArray();
        var node = graph.AddNode(row.Op.Name, values, Enumerable.Range(0, row.Outputs).Select(i => $"y{i}"), row.Op.ToAttributes());
        node.Domain = row.Op.Domain;
        foreach (var output in node.Outputs)
            graph.AddOutput(output!);
        var model = new Model(graph) { IrVersion = 10 };
        model.OperatorSets[""] = row.Opset;
        return model;
    }

    private static OrtValue Value(Tensor tensor)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)(int)tensor.DType, [.. tensor.Shape.Select(e => (long)e)]);
        tensor.ToTensorData().Bytes.Span.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private static TensorData Read(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        return TensorData.FromBytes("", (DType)(int)info.ElementDataType, info.Shape, value.GetTensorMutableRawData().ToArray());
    }
}
