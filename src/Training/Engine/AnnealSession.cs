using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Runtime;
using Anneal.Training.Cpu;
using Anneal.Training.Devices;
using Anneal.Training.Graphs;

namespace Anneal.Training;

/// <summary>A model opened on this library's own kernels.</summary>
internal sealed class AnnealSession : IModelSession
{
    private readonly string _subject;
    private readonly Signature _inputs;
    private readonly Signature _outputs;
    private readonly GraphRunner _runner;
    private readonly SessionConstants _constants;
    private readonly IReadOnlyList<Value> _results;
    private readonly RunGate _gate;

    public AnnealSession(string engine, string subject, ComputeDevice device, Graph graph)
    {
        (Engine, _subject, Device, _results) = (engine, subject, device.Name, graph.Outputs);
        _inputs = new("input", subject, EngineSignatures.Inputs(subject, graph));
        _outputs = new("output", subject, EngineSignatures.Outputs(subject, graph, GraphFacts.Infer(graph)));
        _constants = new(Device, Steering.Of(graph));
        _runner = new(graph, _constants.Take);
        Placement = [.. graph.SelfAndSubgraphs().SelectMany(g => g.Nodes).Select(node => new NodePlacement(node.Name, node.OpType, EngineDevices.ProviderOf(Device)))];
        _gate = new(ToString());
    }

    public string Engine { get; }

    public Device Device { get; }

    public IReadOnlyList<TensorInfo> Inputs => _inputs.Tensors;

    public IReadOnlyList<TensorInfo> Outputs => _outputs.Tensors;

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required IReadOnlyList<string> Notices { get; init; }

    public IReadOnlyList<NodePlacement>? Placement { get; }

    /// <summary>The most threads that a run takes; 0 means all.</summary>
    public required int Threads { get; init; }

    public IReadOnlyList<NamedTensor> Run(IReadOnlyList<NamedTensor> inputs, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        _inputs.RequireAll(inputs);
        var tensors = new NamedTensor[Outputs.Count];
        Execute(inputs, null, (output, tensor) => tensors[output] = EngineTensors.Leave(Outputs[output].Name, tensor), cancellation);
        return tensors;
    }

    public void Run(IReadOnlyList<NamedTensor> inputs, IReadOnlyList<NamedTensor> outputs, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        _inputs.RequireAll(inputs);
        _outputs.RequireSome(outputs);
        using var destinations = new Destinations(_results, outputs);
        // The memory of another device is not the caller's: outputs are copied from there.
        Execute(inputs, Device.Kind is DeviceKind.Cpu ? destinations.Memory : null, (output, tensor) => destinations.Fill(_results[output], tensor, _subject), cancellation);
    }

    public void Dispose()
    {
        if (_gate.Close())
            _constants.Dispose();
    }

    public override string ToString() => $"{_subject} on {Device} ({Engine})";

    private void Execute(IReadOnlyList<NamedTensor> inputs, IReadOnlyDictionary<Value, LentMemory>? destinations, Action<int, Tensor> take, CancellationToken cancellation)
    {
        _gate.Enter();
        try
        {
            cancellation.ThrowIfCancellationRequested();
            using var limit = Workers.LimitHere(Threads);
            using var evaluation = Grad.Off();
            var results = Compute(inputs, destinations, cancellation);
            for (var i = 0; i < results.Length; i++)
                take(i, results[i]);
        }
        finally
        {
            _gate.Leave();
        }
    }

    private Tensor[] Compute(IReadOnlyList<NamedTensor> inputs, IReadOnlyDictionary<Value, LentMemory>? destinations, CancellationToken cancellation)
    {
        try
        {
            Tensor[] given = [.. Inputs.Select(input => EngineTensors.Enter(inputs.First(tensor => tensor.Name == input.Name), Device))];
            return _runner.Run(given, destinations, cancellation);
        }
        catch (OperationCanceledException error)
        {
            throw new OperationCanceledException($"{_subject} was cancelled while it ran.", error, cancellation);
        }
        catch (AnnealException error)
        {
            throw new AnnealException($"{_subject} failed: {error.Message}", error);
        }
    }
}
