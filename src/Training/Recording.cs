using Anneal.Onnx.Ops;

namespace Anneal.Training;

/// <summary>
/// Everything that is done to tensors while it is the innermost recording, in order, with or without gradients: the static side of the tape, which
/// plans replay. An entry is an operator that was applied or an effect.
/// </summary>
internal sealed class Recording : IDisposable
{
    private static readonly AsyncLocal<Recording?> Innermost = new();

    private readonly Recording? _outer = Innermost.Value;
    private readonly List<RecordedEntry> _entries = [];

    private Recording() { }

    /// <summary>The innermost recording, or null.</summary>
    public static Recording? Current => Innermost.Value;

    /// <summary>What was recorded.</summary>
    public IReadOnlyList<RecordedEntry> Entries => _entries;

    /// <summary>The parameters and buffers that operators read, each once, in the order of their first use.</summary>
    public IEnumerable<MutableTensor> Mutables => _entries.OfType<AppliedOp>().SelectMany(entry => entry.Inputs).OfType<MutableTensor>().Distinct();

    /// <summary>Begins a recording, which ends when it is disposed. It follows asynchronous calls.</summary>
    public static Recording Begin()
    {
        var recording = new Recording();
        Innermost.Value = recording;
        return recording;
    }

    /// <summary>Notes what was done, here and in the recordings around this one.</summary>
    public void Add(RecordedEntry entry)
    {
        for (var recording = this; recording is not null; recording = recording._outer)
            lock (recording._entries)
                recording._entries.Add(entry);
    }

    /// <summary>Ends the recording.</summary>
    public void Dispose() => Innermost.Value = _outer;
}

/// <summary>One thing that was done to tensors.</summary>
internal abstract record RecordedEntry;

/// <summary>An operator that was applied: a value that follows from other values.</summary>
internal sealed record AppliedOp(Op Op, Tensor?[] Inputs, Tensor[] Outputs) : RecordedEntry;

/// <summary>
/// Something that is not a value: a parameter or a buffer takes the elements of a tensor. A plan does it again at each replay; a graph of ONNX
/// cannot say it, so that export leaves it out or refuses.
/// </summary>
internal sealed record Effect(MutableTensor Target, Tensor Source) : RecordedEntry;
