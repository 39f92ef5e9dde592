using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Runtime;

namespace Anneal.Training;

/// <summary>Reads what a model declares.</summary>
internal static class EngineSignatures
{
    public static TensorInfo[] Inputs(string subject, Graph graph) =>
        Distinct(subject, "input", graph.RequiredInputs.Select(input => Read(subject, "input", input.Name, input.Type)));

    /// <summary>What a file does not say of its outputs follows from the graph.</summary>
    public static TensorInfo[] Outputs(string subject, Graph graph, GraphFacts facts) =>
        Distinct(subject, "output", graph.Outputs.Select(output => Read(subject, "output", output.Name, facts[output].Type ?? output.Type)));

    private static TensorInfo[] Distinct(string subject, string kind, IEnumerable<TensorInfo> tensors)
    {
        TensorInfo[] all = [.. tensors];
        return all.GroupBy(tensor => tensor.Name).FirstOrDefault(group => group.Skip(1).Any()) is { } twice
            ? throw new InvalidModelException($"{subject} lists the {kind} '{twice.Key}' twice; export it with each once.")
            : all;
    }

    private static TensorInfo Read(string subject, string kind, string name, OnnxType? type)
    {
        if (type is not TensorType tensor || tensor.ElementType == DType.Undefined)
            throw Signature.NoTensor(subject, kind, name, $"{type?.ToString() ?? "value of which nothing says the type"}");
        if (!EngineTensors.Holds(tensor.ElementType))
            throw new InvalidModelException($"{subject} has the {kind} '{name}' of {tensor.ElementType}, which the engine 'anneal' does not compute. Cast it inside the model, or run it with ONNX Runtime (--engine ort).");
        IReadOnlyList<Dim> extents = tensor.Shape ?? Shape.Scalar;
        return new(name, tensor.ElementType, [.. extents.Select(extent => extent is { IsKnown: true, Value: >= 0 } ? extent.Value : -1)])
        {
            Symbols = [.. extents.Select(extent => extent.Symbol is { Length: > 0 } symbol ? symbol : null)],
        };
    }
}
