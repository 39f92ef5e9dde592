using System.Buffers;
using Anneal.Onnx;
using Anneal.Runtime;

namespace Anneal.Zoo;

/// <summary>
/// A few inputs that go through the model together. Each is prepared on its own, on any thread, into its own slot of one pooled buffer;
/// whoever prepares the last one runs the model.
/// </summary>
internal sealed class ClassifyBatch
{
    private readonly ClassifierModel _model;
    private readonly IReadOnlyList<string> _paths;
    private readonly IReadOnlyList<string>[] _warnings;
    private readonly string?[] _errors;
    private readonly float[] _slots;
    private readonly int _slotLength;
    private readonly int _top;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _unprepared;

    public ClassifyBatch(ClassifierModel model, IReadOnlyList<string> paths, int top)
    {
        (_model, _paths, _top, _unprepared) = (model, paths, top, paths.Count);
        _warnings = new IReadOnlyList<string>[paths.Count];
        _errors = new string?[paths.Count];
        _slotLength = model.Preprocessor.SlotLength;
        _slots = ArrayPool<float>.Shared.Rent(_slotLength * Math.Max(paths.Count, model.FixedBatch ?? 1));
    }

    /// <summary>How many inputs there are.</summary>
    public int Count => _paths.Count;

    /// <summary>Done when <see cref="Answers"/> is complete.</summary>
    public Task Finished => _finished.Task;

    /// <summary>One answer for each input, in order.</summary>
    public IReadOnlyList<Classification> Answers { get; private set; } = [];

    /// <summary>
    /// Reads one picture into its slot and, when it was the last of them, runs the model on all that could be read and completes
    /// <see cref="Finished"/>. A failure that is not one picture's own reaches whoever waits there: a worker has nobody to tell.
    /// </summary>
    public void Work(int index, CancellationToken cancellation)
    {
        try
        {
            Prepare(index);
            if (Interlocked.Decrement(ref _unprepared) > 0)
                return;
            Answers = Answer(Run(CloseGaps(), cancellation));
            ArrayPool<float>.Shared.Return(_slots);
            _finished.TrySetResult();
        }
        catch (Exception e)
        {
            _finished.TrySetException(e);
        }
    }

    private void Prepare(int index)
    {
        try
        {
            _warnings[index] = _model.Pictures.Read(_paths[index], _slots.AsSpan(index * _slotLength, _slotLength));
        }
        catch (AnnealException e)
        {
            (_errors[index], _warnings[index]) = (e.Message, []);
        }
    }

    /// <summary>Moves readable pictures together, so that the model never works on an empty slot. Gives their number.</summary>
    private int CloseGaps()
    {
        var readable = 0;
        for (var i = 0; i < Count; i++)
        {
            if (_errors[i] is not null)
                continue;
            if (readable != i)
                _slots.AsSpan(i * _slotLength, _slotLength).CopyTo(_slots.AsSpan(readable * _slotLength));
            readable++;
        }
        return readable;
    }

    private ReadOnlyMemory<float> Run(int pictures, CancellationToken cancellation)
    {
        if (pictures == 0)
            return default;
        var fed = _model.FixedBatch ?? pictures;
        _slots.AsSpan(pictures * _slotLength, (fed - pictures) * _slotLength).Clear();
        var input = NamedTensor.Create(_model.Input.Name, _slots.AsMemory(0, fed * _slotLength), _model.InputShape(fed));
        var output = _model.Session.Run([input], cancellation).Single(tensor => tensor.Name == _model.Output.Name);
        if (output.Shape.Length == 0 || output.Shape[0] != fed)
            throw new AnnealException($"{_model.Session} gave {output} for {fed} pictures; expected one row of scores for each.");
        return output.As<float>();
    }

    private Classification[] Answer(ReadOnlyMemory<float> scores)
    {
        var answers = new Classification[Count];
        var readable = Math.Max(1, _errors.Count(error => error is null));
        var classes = scores.Length / (_model.FixedBatch ?? readable);
        var row = 0;
        for (var i = 0; i < Count; i++)
            answers[i] = _errors[i] is { } error ? Failed(i, error) : Answer(i, scores.Span.Slice(row++ * classes, classes));
        return answers;
    }

    private Classification Answer(int index, ReadOnlySpan<float> scores)
    {
        try
        {
            return new(_paths[index], Scores.Best(scores, _model.Card.OutputKind, _top, _model.Labels), null, _warnings[index]);
        }
        catch (AnnealException e)
        {
            return Failed(index, $"{_paths[index]}: {e.Message}");
        }
    }

    private Classification Failed(int index, string error) => new(_paths[index], [], error, _warnings[index]);
}
