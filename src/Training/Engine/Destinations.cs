using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Training.Devices;

namespace Anneal.Training;

/// <summary>The memory that a caller gave for outputs, held still for the length of a run.</summary>
internal sealed class Destinations : IDisposable
{
    private readonly Dictionary<Value, NamedTensor> _wanted = [];
    private readonly Dictionary<Value, LentMemory> _memory = [];

    public Destinations(IReadOnlyList<Value> results, IReadOnlyList<NamedTensor> outputs)
    {
        foreach (var output in outputs)
        {
            var value = results.First(result => result.Name == output.Name);
            _wanted.Add(value, output);
            _memory.Add(value, EngineTensors.Lend(output));
        }
    }

    /// <summary>Where nodes may write.</summary>
    public IReadOnlyDictionary<Value, LentMemory> Memory => _memory;

    /// <summary>Takes an output that the caller wants, and copies it if no node has written it in place.</summary>
    /// <exception cref="ShapeMismatchException">It has another type or shape than the memory that was given.</exception>
    public void Fill(Value output, Tensor tensor, string subject)
    {
        if (!_wanted.TryGetValue(output, out var target))
            return;
        if (tensor.DType != target.DType || !tensor.Shape.LongExtents.SequenceEqual(target.Shape))
            throw new ShapeMismatchException($"{subject} {Signature.OtherOutputShape} It gives {output.Name}: {tensor.DType} {tensor.Shape}; the memory is for {target}.");
        if (tensor.Memory != _memory[output])
            EngineTensors.Leave(tensor, target);
    }

    public void Dispose()
    {
        foreach (var memory in _memory.Values)
            memory.Release();
    }
}
