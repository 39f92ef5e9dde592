using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Runtime;

/// <summary>Values in lots whose tensors fit into some memory together, as far as their sizes can be told before anything runs.</summary>
internal sealed class ValueLots
{
    // What a value counts whose size cannot be told.
    private const long UnknownBytes = 8L << 20;

    private readonly Dictionary<string, Fact> _facts;
    private readonly long _most;

    public ValueLots(Model model, IReadOnlyList<NamedTensor> inputs, long most)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most);
        _facts = InferredFacts.Of(model, inputs.ToDictionary(input => input.Name, input => Fact.Tensor(input.DType, Shape.Of(input.Extents))));
        _most = most;
    }

    /// <summary>The values in their order, at least one a lot.</summary>
    public IEnumerable<IReadOnlyList<Value>> Of(IEnumerable<Value> values)
    {
        var (lot, taken) = (new List<Value>(), 0L);
        foreach (var value in values)
        {
            var bytes = Bytes(value);
            if (lot.Count > 0 && taken + bytes > _most)
            {
                yield return lot;
                (lot, taken) = ([], 0);
            }
            lot.Add(value);
            taken += bytes;
        }
        if (lot.Count > 0)
            yield return lot;
    }

    private long Bytes(Value value) =>
        _facts.GetValueOrDefault(value.Name) is { DType: not (DType.String or DType.Undefined), Shape: { } shape } fact && shape.All(extent => extent is { IsKnown: true, Value: >= 0 })
            ? fact.DType.ByteLength(shape.Aggregate(1L, (product, extent) => product * extent.Value))
            : UnknownBytes;
}
