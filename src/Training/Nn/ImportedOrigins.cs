using Anneal.Onnx;

namespace Anneal.Training.Nn;

/// <summary>
/// Where the constants of an imported graph come from in the model, as far as they were moved. Tensors and attributes are shared between a model and
/// its copies, so that those which were not moved are found by themselves.
/// </summary>
internal sealed class ImportedOrigins
{
    private readonly Dictionary<Value, NodeAttribute> _lifted = [];
    private readonly Dictionary<Value, SharedStatistic> _separated = [];

    /// <summary>Notes a node Constant before its output becomes an initializer.</summary>
    public void Lifted(Node constant) => _lifted.Add(constant.Outputs[0]!, constant.Attributes[0]);

    /// <summary>Notes a statistic of a node that was stored together with others, now that it is apart.</summary>
    public void Separated(Node node, int input, Value shared) => _separated.Add(node.Inputs[input]!, new(shared, node.Outputs[0]!.Name, input));

    /// <summary>The attribute that holds a value's tensor; null for an initializer.</summary>
    public NodeAttribute? AttributeOf(Value value) => _lifted.GetValueOrDefault(value);

    /// <summary>What a statistic was stored together with; null where it stands alone in the model.</summary>
    public SharedStatistic? SharedBy(Value value) => _separated.GetValueOrDefault(value);
}

/// <summary>A statistic that the model stores together with other things.</summary>
/// <param name="Shared">The value that holds it there.</param>
/// <param name="Output">The first output of the node that reads it.</param>
/// <param name="Input">At which input.</param>
internal sealed record SharedStatistic(Value Shared, string Output, int Input);
