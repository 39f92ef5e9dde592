using Anneal.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Runtime;

/// <summary>A model opened in ONNX Runtime.</summary>
internal sealed class OrtSession : IModelSession
{
    private readonly InferenceSession _session;
    private readonly string _subject;
    private readonly Signature _inputs;
    private readonly Signature _outputs;
    private readonly RunPool _runs;
    private readonly bool _copiesOutputs;

    public OrtSession(string engine, string subject, Device device, InferenceSession session, IReadOnlyList<string> notices)
    {
        (Engine, _subject, Device, Notices, _session) = (engine, subject, device, notices, session);
        _inputs = new("input", subject, OrtSignatures.Inputs(subject, session));
        _outputs = new("output", subject, OrtSignatures.Outputs(subject, session));
        Metadata = session.ModelMetadata.CustomMetadataMap.AsReadOnly();
        _copiesOutputs = Outputs.Any(output => output.DType is DType.String || Inputs.Any(input => input.Name == output.Name));
        _runs = new(session, _inputs.Tensors.Count + _outputs.Tensors.Count, ToString());
    }

    public string Engine { get; }

    public Device Device { get; }

    public IReadOnlyList<TensorInfo> Inputs => _inputs.Tensors;

    public IReadOnlyList<TensorInfo> Outputs => _outputs.Tensors;

    public IReadOnlyDictionary<string, string> Metadata { get; }

    public IReadOnlyList<string> Notices { get; }

    public IReadOnlyList<NodePlacement>? Placement { get; set; }

    public IReadOnlyList<NamedTensor> Run(IReadOnlyList<NamedTensor> inputs, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        _inputs.RequireAll(inputs);
        var run = _runs.Take();
        try
        {
            cancellation.ThrowIfCancellationRequested();
            BindInputs(run, inputs);
            foreach (var output in _outputs.Tensors)
                run.BindOutput(output.Name);
            run.Execute(cancellation);
            return CopyOutputs(run);
        }
        catch (Exception error) when (OrtErrors.Explains(error))
        {
            throw Explain(error, cancellation);
        }
        finally
        {
            _runs.Return(run);
        }
    }

    public void Run(IReadOnlyList<NamedTensor> inputs, IReadOnlyList<NamedTensor> outputs, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        _inputs.RequireAll(inputs);
        _outputs.RequireSome(outputs);
        var run = _runs.Take();
        try
        {
            cancellation.ThrowIfCancellationRequested();
            BindInputs(run, inputs);
            for (var i = 0; i < outputs.Count; i++)
                run.BindOutput(outputs[i]);
            run.Execute(cancellation);
            CopyWhatWasNotWritten(run, inputs, outputs);
        }
        catch (Exception error) when (OrtErrors.Explains(error))
        {
            throw Explain(error, cancellation);
        }
        finally
        {
            _runs.Return(run);
        }
    }

    public void Dispose()
    {
        if (_runs.Close())
            _session.Dispose();
    }

    public override string ToString() => $"{_subject} on {Device} ({Engine})";

    private static void BindInputs(OrtRun run, IReadOnlyList<NamedTensor> inputs)
    {
        for (var i = 0; i < inputs.Count; i++)
            run.BindInput(inputs[i]);
    }

    private NamedTensor[] CopyOutputs(OrtRun run)
    {
        using var values = run.Outputs();
        var tensors = new NamedTensor[_outputs.Tensors.Count];
        for (var i = 0; i < tensors.Length; i++)
            tensors[i] = OrtTensors.Copy(_outputs.Tensors[i].Name, values[i]);
        return tensors;
    }

    // Numbers are written in place, with two exceptions: text lives in ONNX Runtime until it is fetched, and an output that is itself
    // an input of the graph is not written at all, since no node makes it.
    private void CopyWhatWasNotWritten(OrtRun run, IReadOnlyList<NamedTensor> inputs, IReadOnlyList<NamedTensor> outputs)
    {
        if (!_copiesOutputs)
            return;
        for (var i = 0; i < outputs.Count; i++)
        {
            if (inputs.FirstOrDefault(input => input.Name == outputs[i].Name) is { } source)
                source.CopyTo(outputs[i], _subject);
            else if (outputs[i].DType is DType.String)
                OrtTensors.Copy(run.Value(inputs.Count + i), outputs[i]);
        }
    }

    private Exception Explain(Exception error, CancellationToken cancellation) => cancellation.IsCancellationRequested
        ? new OperationCanceledException($"{_subject} was cancelled while it ran.", error, cancellation)
        : OrtErrors.Explain(_subject, error);
}
