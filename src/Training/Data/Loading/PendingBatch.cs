using Anneal.Onnx;
using Anneal.Training.Devices;

namespace Anneal.Training.Data.Loading;

/// <summary>
/// A batch in the making. Its rows are filled on any thread, in any order; whoever fills the last one finishes it. Who waits for it is never woken
/// on the thread that fills or cancels, which may be one that the epoch's end has to wait for.
/// </summary>
internal sealed class PendingBatch<T>
{
    private readonly TaskCompletionSource _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly EpochSamples<T> _epoch;
    private readonly int _number;
    private readonly int[] _samples;
    private readonly Tensor _inputs;
    private readonly Tensor _labels;
    private readonly Tensor? _softLabels;
    private readonly CancellationTokenRegistration _cancellation;
    private readonly Lock _gate = new();
    private (int Row, Exception Error)? _failure;
    private int _left;

    public PendingBatch(EpochSamples<T> epoch, int number, CancellationToken cancellation)
    {
        (_epoch, _number, _samples) = (epoch, number, epoch.Batch(number));
        _left = _samples.Length;
        _inputs = Unowned(DType.Float32, [_samples.Length, .. epoch.Shape.Extents]);
        _labels = Unowned(DType.Int64, [_samples.Length]);
        _softLabels = epoch.Mix is { } mix ? Unowned(DType.Float32, [_samples.Length, mix.ClassCount]) : null;
        _cancellation = cancellation.UnsafeRegister(static (filled, token) => ((TaskCompletionSource)filled!).TrySetCanceled(token), _filled);
    }

    public int Count => _samples.Length;

    /// <summary>The first row that nobody has drawn; the drawer's to count.</summary>
    public int NextRow { get; set; }

    /// <summary>Ends when all rows are there or could not be made, or when the epoch is cancelled.</summary>
    public Task Filled => _filled.Task;

    /// <summary>Fills a row.</summary>
    public void Fill(int row)
    {
        try
        {
            var length = _epoch.Shape.ElementCount;
            var label = _epoch.Encode(_number, row, _inputs.Writable<float>().Slice(row * length, length));
            _epoch.Mix?.RequireClass(label);
            _labels.Writable<long>()[row] = label;
        }
        catch (Exception error)
        {
            Note(row, error);
        }
        if (Interlocked.Decrement(ref _left) == 0)
            Complete();
    }

    /// <summary>The batch, or what its first bad row threw: the same on every run.</summary>
    public Batch Finish()
    {
        _cancellation.Dispose();
        if (_failure is not var (row, error))
            return new(_epoch.Epoch, _number, _samples, _inputs, _labels, _softLabels);
        Discard();
        throw new SampleException(_samples[row], _epoch.NameOf(_samples[row]), error);
    }

    public void Discard()
    {
        _cancellation.Dispose();
        foreach (var tensor in new[] { _inputs, _labels, _softLabels })
            tensor?.Discard("the epoch was left before the batch was used");
    }

    // The scope that the consumer happens to be in while the batch is made ahead is not the one that it is used in.
    private static Tensor Unowned(DType dtype, TensorShape shape)
    {
        var tensor = Tensor.Empty(ComputeDevice.Cpu, dtype, shape);
        tensor.MoveTo(null);
        return tensor;
    }

    private void Note(int row, Exception error)
    {
        lock (_gate)
            if (_failure is not var (first, _) || row < first)
                _failure = (row, error);
    }

    private void Complete()
    {
        if (_failure is null && _epoch.Mix is { } mix)
            mix.Run(_inputs, _labels.AsSpan<long>(), _softLabels!, _epoch.BatchDraws(_number));
        _filled.TrySetResult();
    }
}
