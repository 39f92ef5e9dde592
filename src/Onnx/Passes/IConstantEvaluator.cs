namespace Anneal.Onnx.Passes;

/// <summary>Computes one node on constants, exactly as the runtime does that will run the model.</summary>
public interface IConstantEvaluator
{
    /// <summary>Computes a node that has no subgraphs.</summary>
    /// <param name="node">The node.</param>
    /// <param name="inputs">Its inputs, in order; null where an optional one is left out.</param>
    /// <param name="operatorSets">The operator sets that say what the node's operator means.</param>
    /// <returns>A tensor for each output, in order, null where one is left out; null altogether when the runtime cannot run the node.</returns>
    IReadOnlyList<TensorData?>? Evaluate(Node node, IReadOnlyList<TensorData?> inputs, OperatorSets operatorSets);
}
