using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Anneal.Training.Data;

namespace Anneal.Training.Tuning;

/// <summary>
/// Makes a table: hashes the pictures, takes what is kept, computes the rest. Each thread decodes a batch and runs it on a session of one thread, so that every
/// core either decodes or computes and none waits for another. Batches are filled up with zeros: a picture's features do not depend on how many others
/// were missing.
/// </summary>
internal sealed class FeatureMaking
{
    // A file of features holds no more than this: what a kill can cost, in pictures and in bytes.
    private const int MostRows = 256;
    private const long MostBytes = 32 << 20;

    private readonly FrozenFeatures _features;
    private readonly FeatureStore _store;
    private readonly IDataset<PictureSample> _data;
    private readonly PicturePipeline _pipeline;
    private readonly IProgress<FeatureProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly ContentHash[] _hashes;
    private readonly int[] _labels;
    private readonly Dictionary<ContentHash, (FeatureChunk Chunk, int Row)> _places = [];
    private readonly List<FeatureChunk> _chunks = [];
    private readonly Lock _gate = new();
    private FeatureProgress _work = new(0, 0, 0, 0, TimeSpan.Zero, TimeSpan.Zero);

    public FeatureMaking(
        FrozenFeatures features, FeatureStore store, IDataset<PictureSample> data, PicturePipeline pipeline, IProgress<FeatureProgress>? progress, CancellationToken cancellation)
    {
        (_features, _store, _data, _pipeline, _progress, _cancellation) = (features, store, data, pipeline, progress, cancellation);
        (_hashes, _labels) = (new ContentHash[data.Count], new int[data.Count]);
    }

    /// <summary>How many bytes so many pictures' features take.</summary>
    public static long SizeOf(TensorShape shape, int pictures)
    {
        var rows = RowsOfChunk(shape);
        return (pictures / rows * LengthOf(shape, rows)) + (pictures % rows == 0 ? 0 : LengthOf(shape, pictures % rows));
    }

    /// <summary>Does it.</summary>
    public FeatureTable Run()
    {
        try
        {
            HashPictures();
            foreach (var chunk in _store.Open())
                TakeUp(chunk);
            var missing = Missing();
            var shape = _chunks.Count > 0 ? _chunks[0].Shape : _features.ShapeFor(_pipeline.Shape);
            Announce(missing.Length, shape);
            if (missing.Length > 0)
                Compute(missing, shape);
            var places = Array.ConvertAll(_hashes, hash => _places[hash]);
            CloseUnused([.. places.Select(place => place.Chunk)]);
            return new(_data, shape, _chunks, places, _labels, _work);
        }
        catch
        {
            _chunks.ForEach(chunk => chunk.Dispose());
            throw;
        }
    }

    private void HashPictures()
    {
        var clock = Stopwatch.StartNew();
        InParallel(_data.Count, index => (_hashes[index], _labels[index]) = PictureHash.Of(_data, index));
        _work = _work with { Decoding = clock.Elapsed };
    }

    /// <summary>The first sample of each picture that nothing is kept of.</summary>
    private int[] Missing()
    {
        var seen = new HashSet<ContentHash>();
        return [.. Enumerable.Range(0, _data.Count).Where(index => seen.Add(_hashes[index]) && !_places.ContainsKey(_hashes[index]))];
    }

    private void Announce(int missing, TensorShape shape)
    {
        var total = _hashes.Distinct().Count();
        _work = _work with { Done = total - missing, Total = total, Cached = total - missing, BytesToWrite = SizeOf(shape, missing) };
        _progress?.Report(_work);
        if (missing > 0)
            _store.RequireRoom(_work.BytesToWrite, _features.FreeBytes);
    }

    private void Compute(int[] missing, TensorShape shape)
    {
        using var session = _features.Open(threads: 1);
        var rows = RowsOfChunk(shape);
        PendingChunk[] chunks = [.. missing.Chunk(rows).Select(pictures => new PendingChunk(pictures, shape, _features.BatchSize))];
        (PendingChunk Chunk, int First)[] batches = [.. chunks.SelectMany(chunk => chunk.Batches.Select(first => (chunk, first)))];
        InParallel(batches.Length, index => Compute(session, batches[index].Chunk, batches[index].First));
    }

    private void Compute(FrozenSession session, PendingChunk chunk, int first)
    {
        var (begun, count) = (Stopwatch.GetTimestamp(), Math.Min(_features.BatchSize, chunk.Pictures.Length - first));
        var inputs = new float[_features.BatchSize * _pipeline.Shape.ElementCount];
        for (var i = 0; i < count; i++)
            Decode(chunk.Pictures[first + i], inputs.AsSpan(i * _pipeline.Shape.ElementCount, _pipeline.Shape.ElementCount));
        var decoded = Stopwatch.GetTimestamp();
        var output = session.Run(inputs, [_features.BatchSize, .. _pipeline.Shape.Extents], _cancellation);
        var isFull = chunk.Fill(first, output.As<float>().Span[..(count * chunk.Shape.ElementCount)]);
        Note(count, Stopwatch.GetElapsedTime(begun, decoded), Stopwatch.GetElapsedTime(decoded));
        if (isFull)
            Keep(chunk);
    }

    private void Decode(int index, Span<float> slot)
    {
        try
        {
            using var sample = _data[index];
            _pipeline.Encode(sample, slot, default);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new SampleException(index, _data.NameOf(index), error);
        }
    }

    private void Note(int count, TimeSpan decoding, TimeSpan computing)
    {
        lock (_gate)
        {
            _work = _work with { Done = _work.Done + count, Decoding = _work.Decoding + decoding, Computing = _work.Computing + computing };
            _progress?.Report(_work);
        }
    }

    private void Keep(PendingChunk pending)
    {
        var chunk = _store.Add(Array.ConvertAll(pending.Pictures, index => _hashes[index]), pending.Shape, pending.Rows);
        pending.Release();
        lock (_gate)
            TakeUp(chunk);
    }

    private void TakeUp(FeatureChunk chunk)
    {
        _chunks.Add(chunk);
        for (var row = 0; row < chunk.Rows; row++)
            _places.TryAdd(chunk[row], (chunk, row));
    }

    /// <summary>Files of the same part that hold other pictures.</summary>
    private void CloseUnused(HashSet<FeatureChunk> used)
    {
        foreach (var chunk in _chunks.Where(chunk => !used.Contains(chunk)))
            chunk.Dispose();
        _chunks.RemoveAll(chunk => !used.Contains(chunk));
    }

    /// <summary>Runs work on the threads, begun in the order of its numbers; what the first of it throws is thrown.</summary>
    private void InParallel(int count, Action<int> work)
    {
        var next = -1;
        try
        {
            Parallel.For(0, Math.Min(_features.Threads, count), new ParallelOptions { MaxDegreeOfParallelism = _features.Threads }, (_, state) =>
            {
                for (int index; !state.ShouldExitCurrentIteration && (index = Interlocked.Increment(ref next)) < count;)
                {
                    _cancellation.ThrowIfCancellationRequested();
                    work(index);
                }
            });
        }
        catch (AggregateException errors)
        {
            _cancellation.ThrowIfCancellationRequested();
            ExceptionDispatchInfo.Throw(errors.Flatten().InnerExceptions.OrderBy(error => (error as SampleException)?.SampleIndex ?? -1).First());
        }
    }

    private static int RowsOfChunk(TensorShape shape) => (int)Math.Clamp(MostBytes / Math.Max(1, shape.ElementCount * (long)sizeof(float)), 1, MostRows);

    private static long LengthOf(TensorShape shape, int rows) => new FeatureHeader { Rows = rows }.DataOffset + (rows * (long)shape.ElementCount * sizeof(float));
}
