using Anneal.Onnx;
using Anneal.Onnx.Passes;

namespace Anneal.Runtime;

/// <summary>
/// Holds two sides against each other node by node: two engines on one model, or two models whose values have the same names. The values that
/// nodes make become outputs, a few at a time, so that a large model does not need memory for all its values at once; the differences come
/// in the order of the first model's nodes, each lot when it is asked for, so that the first node where the sides part is
/// <c>comparison.Run(inputs).FirstOrDefault(node =&gt; node.Difference.Relative &gt; 1e-4)</c> and nothing behind it is computed.
/// <para>
/// An engine may fuse nodes whose values nobody asks for. Here somebody asks for each, in turn, so that what is compared is each node's own
/// arithmetic. Nodes inside loops and branches are compared by what the loop or branch gives.
/// </para>
/// </summary>
public sealed class NodeComparison
{
    // Operators without a record in this library whose outputs are no tensors, whatever a file says or leaves out.
    private static readonly string[] Containers =
        ["Optional", "SequenceConstruct", "SequenceEmpty", "SequenceErase", "SequenceInsert", "SequenceMap", "SplitToSequence"];

    private readonly ModelOnEngine _first;
    private readonly ModelOnEngine _second;
    private readonly List<Value> _values = [];
    private readonly List<string> _unmatched = [];

    /// <summary>Finds the values that both sides have.</summary>
    /// <param name="first">The side that is taken to be right.</param>
    /// <param name="second">The side that is judged.</param>
    public NodeComparison(ModelOnEngine first, ModelOnEngine second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        (_first, _second) = (first, second);
        var types = InferredFacts.Of(first.Model);
        foreach (var value in first.Model.Graph.Nodes.SelectMany(node => node.Outputs).OfType<Value>())
        {
            // Sequences and optionals are taken apart by later nodes, whose values are tensors again.
            if (Containers.Contains(value.Producer!.OpType) || (types.GetValueOrDefault(value.Name)?.Type ?? value.Type) is not (null or TensorType))
                continue;
            if (second.Model.Graph.Find(value.Name)?.Producer is null)
                _unmatched.Add(value.Name);
            else if (!value.IsUnused)
                _values.Add(value);
        }
    }

    /// <summary>How many values are compared.</summary>
    public int Count => _values.Count;

    /// <summary>Values that nodes of the first model make and no node of the second does, so that they are not compared.</summary>
    public IReadOnlyList<string> Unmatched => _unmatched;

    /// <summary>The most bytes of values that are asked for at once. Default 128 MB, at least one value.</summary>
    public long LotBytes { get; init; } = 128L << 20;

    /// <summary>Compares all values on the same inputs.</summary>
    /// <param name="inputs">One tensor for each input of the models.</param>
    /// <param name="cancellation">Ends the work early.</param>
    /// <exception cref="AnnealException">A side cannot be run; the message says which node or input is at fault.</exception>
    public IEnumerable<NodeDifference> Run(IReadOnlyList<NamedTensor> inputs, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var places = _first.Model.Graph.Nodes.Index().ToDictionary(node => node.Item, node => node.Index);
        foreach (var lot in new ValueLots(_first.Model, inputs, LotBytes).Of(_values))
        {
            var expected = Compute(_first, lot, inputs, cancellation);
            var found = Compute(_second, lot, inputs, cancellation);
            foreach (var (value, a, b) in lot.Zip(expected, found))
                yield return new(places[value.Producer!], value.Producer!, ValueDifference.Between(a, b));
        }
    }

    private static IReadOnlyList<NamedTensor> Compute(ModelOnEngine side, IReadOnlyList<Value> lot, IReadOnlyList<NamedTensor> inputs, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var session = side.Engine.Open(ModelSource.FromModel(Ending(side.Model, lot)), side.Options);
        return session.Run(inputs, cancellation);
    }

    /// <summary>The model cut off behind some values, which are its outputs.</summary>
    private static Model Ending(Model model, IReadOnlyList<Value> values)
    {
        var cut = model.Copy();
        // The pass that drops what nobody needs leaves models with training steps alone.
        cut.TrainingInfo.Clear();
        for (var i = cut.Graph.Outputs.Count - 1; i >= 0; i--)
            cut.Graph.RemoveOutput(i);
        foreach (var value in values)
            cut.Graph.AddOutput(cut.Graph.Find(value.Name)!);
        new DropUnused().Run(cut);
        return cut;
    }
}
