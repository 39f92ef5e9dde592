using Anneal.Onnx;
using Anneal.Training.Devices;

namespace Anneal.Training.Graphs;

/// <summary>The values of one run of a graph, inside those of the graph around it.</summary>
internal sealed class Frame
{
    private readonly Frame? _around;
    private readonly Dictionary<Value, Tensor> _tensors = [];
    private readonly IReadOnlyDictionary<Value, LentMemory>? _destinations;

    /// <summary>The values of a main graph.</summary>
    /// <param name="destinations">Where a caller wants outputs to be written.</param>
    /// <param name="cancellation">Ends the run between two nodes.</param>
    public Frame(IReadOnlyDictionary<Value, LentMemory>? destinations, CancellationToken cancellation) =>
        (_destinations, Cancellation) = (destinations, cancellation);

    /// <summary>The values of a subgraph.</summary>
    public Frame(Frame around) => (_around, Cancellation) = (around, around.Cancellation);

    public CancellationToken Cancellation { get; }

    public void Set(Value value, Tensor tensor) => _tensors[value] = tensor;

    /// <summary>Sets a value that was not given.</summary>
    public void SetDefault(Value value, Tensor tensor) => _tensors.TryAdd(value, tensor);

    public Tensor Get(Value value)
    {
        for (var frame = this; frame is not null; frame = frame._around)
            if (frame._tensors.TryGetValue(value, out var tensor))
                return tensor;
        throw new InvalidModelException($"The value '{value.Name}' is used before anything makes it.");
    }

    /// <summary>Lets go of a value that nobody reads any more.</summary>
    public void Free(Value value)
    {
        if (_tensors.Remove(value, out var tensor))
            tensor.Discard("the last node that reads it has run");
    }

    /// <summary>Where the caller wants a value, or null.</summary>
    public LentMemory? Destination(Value value) => _destinations?.GetValueOrDefault(value);
}
