using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Export;
using Anneal.Training.Nn;
using Anneal.Training.Ops;

namespace Anneal.Training;

/// <summary>
/// The operators that a piece of code applies, as it applies them: what an operator does inside is not seen, so that LayerNormalization is one call and
/// not the sums it is made of. Export writes what was recorded; a <see cref="Recording"/>, in contrast, has what kernels computed, to be done again.
/// </summary>
/// <remarks>
/// While it lasts, nothing that was computed from the input may be read by the host: what follows from such a number would be baked in.
/// </remarks>
internal sealed class CallRecording : IDisposable
{
    private static readonly AsyncLocal<CallRecording?> Innermost = new();

    // Most programs never record a call, and every call asks.
    private static int Recordings;

    private readonly CallRecording? _outer = Innermost.Value;
    private readonly ExportDialect _dialect;
    private readonly Dictionary<Tensor, RecordedValue> _values = new(ReferenceEqualityComparer.Instance);
    private readonly List<RecordedCall> _calls = [];
    private readonly Stack<ModuleBase> _places = new();
    private int _depth;

    /// <summary>Begins a recording, which ends when it is disposed.</summary>
    /// <param name="input">The tensor that everything is computed from.</param>
    /// <param name="dialect">Which operators can be written; one that cannot and is made of others is recorded as those.</param>
    public CallRecording(Tensor input, ExportDialect dialect)
    {
        _dialect = dialect;
        Input = new(input) { IsFromInput = true };
        _values.Add(input, Input);
        Interlocked.Increment(ref Recordings);
        Innermost.Value = this;
    }

    /// <summary>The innermost recording, or null.</summary>
    public static CallRecording? Current => Volatile.Read(ref Recordings) == 0 ? null : Innermost.Value;

    /// <summary>What stands for the input.</summary>
    public RecordedValue Input { get; }

    /// <summary>The calls, in order.</summary>
    public IReadOnlyList<RecordedCall> Calls => _calls;

    /// <summary>What stands for a tensor: one that no call has made is a constant.</summary>
    public RecordedValue ValueOf(Tensor tensor)
    {
        if (!_values.TryGetValue(tensor, out var value))
            // Its elements are taken now: a constant that was made on the way goes with its scope.
            _values.Add(tensor, value = new(tensor) { Mutable = tensor as MutableTensor, Constant = tensor is MutableTensor ? null : tensor.ToTensorData() });
        return value;
    }

    /// <summary>Applies an operator and notes the call, unless it is part of another one.</summary>
    public Tensor[] Apply(Kernel kernel, Op op, ReadOnlySpan<Tensor?> inputs, int outputCount)
    {
        if (_depth > 0)
            return kernel.Apply(op, inputs, outputCount);
        if (!_dialect.IsWritable(op))
        {
            if (ExportDialect.Spell(op, outputCount) is { } spelling)
                return [spelling(inputs.ToArray())];
            if (kernel is CompositeKernel)
                return kernel.Apply(op, inputs, outputCount);
        }
        var given = new RecordedValue?[inputs.Length];
        for (var i = 0; i < given.Length; i++)
            given[i] = inputs[i] is { } input ? ValueOf(input) : null;
        var outputs = Unseen(kernel, op, inputs, outputCount);
        Note(op, given, outputs);
        return outputs;
    }

    /// <summary>Notes that a tensor looks at another one's elements.</summary>
    public void NoteView(Tensor of, Tensor view)
    {
        if (_depth == 0 && of.Shape == view.Shape)
            _values[view] = ValueOf(of);
    }

    /// <summary>Runs what a module computes, whose calls are named after it.</summary>
    public Tensor Inside(ModuleBase module, Func<Tensor> compute)
    {
        _places.Push(module);
        try
        {
            return compute();
        }
        finally
        {
            _places.Pop();
        }
    }

    /// <summary>Refuses that the host reads what was computed from the input.</summary>
    /// <exception cref="AnnealException">The tensor was.</exception>
    public void RequireReadable(Tensor tensor, string member)
    {
        if (_depth > 0 || !_values.TryGetValue(tensor, out var value) || !value.IsFromInput)
            return;
        var maker = value.Maker is { } call ? $" (made by {call.Title})" : " (the input)";
        var place = _places.TryPeek(out var module) ? $"{module.Title} reads" : "The code reads";
        throw new AnnealException(
            $"{place} {tensor.Title}{maker} with {member} while it is recorded for a file: the number would be baked in, and hold for this input alone. "
            + "Compute with tensors instead: Tensor.Where in place of if, Tensor.Apply with an operator in place of arithmetic on the host.");
    }

    /// <summary>Ends the recording.</summary>
    public void Dispose()
    {
        Innermost.Value = _outer;
        Interlocked.Decrement(ref Recordings);
    }

    private Tensor[] Unseen(Kernel kernel, Op op, ReadOnlySpan<Tensor?> inputs, int outputCount)
    {
        _depth++;
        try
        {
            return kernel.Apply(op, inputs, outputCount);
        }
        finally
        {
            _depth--;
        }
    }

    /// <summary>An operator that hands on what it was given computes nothing and makes no call; nor does a move to another device.</summary>
    private void Note(Op op, RecordedValue?[] inputs, Tensor[] outputs)
    {
        if (Array.TrueForAll(outputs, _values.ContainsKey))
            return;
        if (op is Transfer)
        {
            _values[outputs[0]] = inputs[0]!;
            return;
        }
        var call = new RecordedCall(op, _places.TryPeek(out var module) ? module : null, inputs);
        foreach (var output in outputs)
        {
            var value = new RecordedValue(output) { Maker = call, IsFromInput = Array.Exists(inputs, input => input?.IsFromInput == true) };
            call.Outputs.Add(value);
            _values[output] = value;
        }
        _calls.Add(call);
    }
}

/// <summary>A tensor of a recording.</summary>
internal sealed class RecordedValue(Tensor tensor)
{
    public DType DType { get; } = tensor.DType;

    public TensorShape Shape { get; } = tensor.Shape;

    /// <summary>The elements of a constant; null for anything else.</summary>
    public TensorData? Constant { get; init; }

    /// <summary>The parameter or buffer; null for anything else.</summary>
    public MutableTensor? Mutable { get; init; }

    /// <summary>The call that made it; null for the input and for constants.</summary>
    public RecordedCall? Maker { get; init; }

    /// <summary>Whether it was computed from the input.</summary>
    public bool IsFromInput { get; init; }
}

/// <summary>An operator that was applied.</summary>
internal sealed class RecordedCall(Op op, ModuleBase? place, RecordedValue?[] inputs)
{
    public Op Op { get; } = op;

    /// <summary>The module whose forward applied it.</summary>
    public ModuleBase? Place { get; } = place;

    public RecordedValue?[] Inputs { get; } = inputs;

    public List<RecordedValue> Outputs { get; } = [];

    /// <summary>How errors name it.</summary>
    public string Title => Place is null ? Op.Name : $"{Op.Name} in {Place.Title}";
}
