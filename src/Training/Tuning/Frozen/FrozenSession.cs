using Anneal.Onnx;
using Anneal.Runtime;

namespace Anneal.Training.Tuning;

/// <summary>The frozen part opened in an engine: rows of numbers in, rows of features out. Any thread may call, several at once.</summary>
internal sealed class FrozenSession : IDisposable
{
    private readonly IModelSession _session;
    private readonly TensorInfo _input;
    private readonly TensorInfo _output;

    public FrozenSession(IEngine engine, ReadOnlyMemory<byte> model, EngineOptions options)
    {
        _session = engine.Open(ModelSource.FromBytes(model), options);
        if (_session.Inputs is not [{ DType: DType.Float32, Shape.Count: > 1 } input] || _session.Outputs is not [{ DType: DType.Float32 } output])
        {
            var (inputs, outputs) = (string.Join(", ", _session.Inputs), string.Join(", ", _session.Outputs));
            _session.Dispose();
            throw new AnnealException($"The frozen part takes {inputs} and gives {outputs}; features can be made of one input of Float32 [N,…], and must be Float32.");
        }
        (_input, _output) = (input, output);
    }

    /// <summary>The device.</summary>
    public Device Device => _session.Device;

    /// <summary>The batch that the model is made for; null where it takes any.</summary>
    public int? FixedBatch => _input.Shape[0] > 0 ? (int)_input.Shape[0] : null;

    /// <summary>The model's input.</summary>
    public TensorInfo Input => _input;

    /// <summary>Computes a batch.</summary>
    /// <param name="inputs">The numbers of the whole batch.</param>
    /// <param name="shape">[N,…].</param>
    /// <param name="cancellation">Ends the run early.</param>
    public NamedTensor Run(Memory<float> inputs, TensorShape shape, CancellationToken cancellation)
    {
        var output = _session.Run([NamedTensor.Create(_input.Name, inputs, shape.LongExtents)], cancellation)[0];
        return output.Shape.Length > 0 && output.Shape[0] == shape[0]
            ? output
            : throw new AnnealException($"{_session} gave {output} for {shape[0]} pictures; expected a row of features for each.");
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    /// <summary>The shape of a picture's features, where the model states it.</summary>
    public TensorShape? StatedShape => _output.Shape.Skip(1).All(extent => extent > 0) ? TensorShape.Of([.. _output.Shape.Skip(1).Select(extent => (int)extent)]) : null;
}
