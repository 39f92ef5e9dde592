using Anneal.Onnx;
using Anneal.Onnx.Passes;

namespace Anneal.Runtime;

/// <summary>Computes single nodes in ONNX Runtime on the processor, so that constants are folded to the very bits that a run would give.</summary>
public sealed class OrtConstantEvaluator : IConstantEvaluator
{
    private static readonly EngineOptions OnOneThread = new() { Device = Device.Cpu, Threads = 1, Spinning = false };

    /// <inheritdoc/>
    public IReadOnlyList<TensorData?>? Evaluate(Node node, IReadOnlyList<TensorData?> inputs, OperatorSets operatorSets)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(operatorSets);
        try
        {
            using var session = new OrtEngine().Open(ModelSource.FromModel(Alone(node, inputs, operatorSets)), OnOneThread);
            var given = inputs.Select((tensor, i) => (Name: $"x{i}", Tensor: tensor)).Where(input => input.Tensor is not null);
            var results = new Queue<NamedTensor>(session.Run([.. given.Select(input => TensorConversion.ToNamed(input.Name, input.Tensor!))]));
            return [.. node.Outputs.Select(output => output is null ? null : TensorConversion.ToData(results.Dequeue()).WithName(output.Name))];
        }
        catch (AnnealException)
        {
            // The node stays as it is, and whoever runs the model hears what is wrong with it.
            return null;
        }
    }

    /// <summary>A model of one node, whose constants are inputs: ONNX Runtime then computes and does not fold itself.</summary>
    private static Model Alone(Node node, IReadOnlyList<TensorData?> inputs, OperatorSets operatorSets)
    {
        var graph = new Graph("constant");
        var values = inputs.Select((tensor, i) => tensor is null ? null : graph.AddInput($"x{i}", tensor.Type)).ToArray();
        var copy = graph.AddNode(node.OpType, values, node.Outputs.Select((output, i) => output is null ? null : $"y{i}"), node.Attributes);
        copy.Domain = node.Domain;
        foreach (var output in copy.Outputs.OfType<Value>())
            graph.AddOutput(output);
        var model = new Model(graph);
        foreach (var set in operatorSets)
            model.OperatorSets[set.Domain] = set.Version;
        return model;
    }
}
