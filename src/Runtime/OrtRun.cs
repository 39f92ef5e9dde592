using System.Buffers;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Runtime;

/// <summary>
/// What one run needs of ONNX Runtime, kept for the next: an IO binding, run options, and room for the values and pins of the tensors
/// bound to it. Used by one thread at a time. Between runs it holds none of the caller's memory.
/// </summary>
internal sealed class OrtRun : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _options = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    private readonly OrtValue?[] _values;
    private readonly MemoryHandle[] _pins;
    private int _bound;

    public OrtRun(InferenceSession session, int tensors)
    {
        _session = session;
        _binding = session.CreateIoBinding();
        (_values, _pins) = (new OrtValue?[tensors], new MemoryHandle[tensors]);
    }

    public void BindInput(NamedTensor tensor) => _binding.BindInput(tensor.Name, Wrap(tensor));

    public void BindOutput(NamedTensor tensor) => _binding.BindOutput(tensor.Name, Wrap(tensor));

    /// <summary>Lets ONNX Runtime allocate an output, in the processor's memory.</summary>
    public void BindOutput(string name) => _binding.BindOutputToDevice(name, OrtMemoryInfo.DefaultInstance);

    /// <summary>Runs on what is bound. On a GPU, inputs are on the device before and outputs in the processor's memory after.</summary>
    public void Execute(CancellationToken cancellation)
    {
        using var registration = cancellation.UnsafeRegister(static options => ((RunOptions)options!).Terminate = true, _options);
        _binding.SynchronizeBoundInputs();
        _session.RunWithBinding(_options, _binding);
        _binding.SynchronizeBoundOutputs();
    }

    /// <summary>The outputs, in the order they were bound.</summary>
    public IDisposableReadOnlyCollection<OrtValue> Outputs() => _binding.GetOutputValues();

    /// <summary>The value that a tensor was wrapped in, by the order of binding.</summary>
    public OrtValue Value(int index) => _values[index]!;

    /// <summary>Lets go of everything that belongs to the caller, and forgets a cancellation.</summary>
    public void Release()
    {
        _binding.ClearBoundInputs();
        _binding.ClearBoundOutputs();
        for (var i = 0; i < _bound; i++)
        {
            _values[i]!.Dispose();
            _values[i] = null;
            _pins[i].Dispose();
            _pins[i] = default;
        }
        _bound = 0;
        if (_options.Terminate)
            _options.Terminate = false;
    }

    public void Dispose()
    {
        _binding.Dispose();
        _options.Dispose();
    }

    private OrtValue Wrap(NamedTensor tensor)
    {
        var value = OrtTensors.Wrap(tensor, out var pin);
        (_values[_bound], _pins[_bound]) = (value, pin);
        _bound++;
        return value;
    }
}
