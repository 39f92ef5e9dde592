using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Training.Data;
using Anneal.Zoo;

namespace Anneal.Training.Tuning;

/// <summary>
/// The frozen part of a model, run without a tape, by ONNX Runtime unless another engine is named: its idle threads do not spin, so that training has the
/// cores. Any thread may call, several at once.
/// </summary>
public sealed class FrozenFeatures : IDisposable
{
    private readonly FrozenOptions _options;
    private readonly IEngine _engine;
    private readonly byte[] _model;
    private readonly byte[] _modelHash;
    private readonly FrozenSession _session;

    /// <summary>Opens the front of a cut.</summary>
    /// <param name="cut">The cut.</param>
    /// <param name="options">Engine, device, threads, cache; or null for the defaults.</param>
    /// <exception cref="AnnealException">The front cannot be run, does not take one input of float32, or an option is out of its range.</exception>
    public FrozenFeatures(ModelCut cut, FrozenOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(cut);
        (Cut, _options) = (cut, options ?? new());
        _options.Validate();
        _engine = _options.Engine ?? new OrtEngine();
        _model = OnnxFile.ToBytes(cut.Front);
        _modelHash = FeatureSpace.HashOf(_model);
        _session = Open(Threads);
    }

    /// <summary>The cut.</summary>
    public ModelCut Cut { get; }

    /// <summary>The device that it runs on.</summary>
    public Device Device => _session.Device;

    /// <summary>Computes features.</summary>
    /// <param name="inputs">The model's input: [N,C,H,W], or [N,H,W,C] where the model takes that; float32.</param>
    /// <param name="cancellation">Ends the run early.</param>
    /// <returns>The features, [N,…], beside the inputs, without a gradient.</returns>
    /// <exception cref="ShapeMismatchException">The input does not fit the model.</exception>
    public Tensor Run(Tensor inputs, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.Rank < 2 || inputs.Count == 0)
            throw new ShapeMismatchException($"The frozen part takes {_session.Input}; {inputs.DType} {inputs.Shape} was given.");
        var numbers = inputs.ToArray<float>();
        if (_session.FixedBatch is { } batch && batch != inputs.Shape[0])
            return RunInParts(numbers, inputs, batch, cancellation);
        var output = _session.Run(numbers, inputs.Shape, cancellation);
        return Tensor.From<float>(output.As<float>().Span, TensorShape.Of(Shape.Of(output.Shape)), inputs.Device);
    }

    /// <summary>How many bytes the features of so many pictures take in the cache.</summary>
    /// <param name="pipeline">What makes the model's input of a picture.</param>
    /// <param name="pictures">The number of pictures.</param>
    public long SizeOf(PicturePipeline pipeline, int pictures)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return FeatureMaking.SizeOf(ShapeFor(pipeline.Shape), pictures);
    }

    /// <summary>The features of a dataset's pictures: taken from the cache where they are there, and otherwise computed and kept.</summary>
    /// <param name="data">The pictures.</param>
    /// <param name="pipeline">What makes the model's input of a picture; nothing in it may be random.</param>
    /// <param name="progress">Told before anything is computed, with the size, and then after each batch.</param>
    /// <param name="cancellation">Ends the work; what was finished is kept.</param>
    /// <exception cref="SampleException">A picture cannot be read; the message names it.</exception>
    /// <exception cref="AnnealException">The pipeline augments, or the cache cannot be written: the disk is full.</exception>
    public FeatureTable Table(
        IDataset<PictureSample> data, PicturePipeline pipeline, IProgress<FeatureProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(pipeline);
        if (pipeline.Augmentations.Count > 0)
            throw new AnnealException(
                $"Features of pictures that are augmented cannot be kept: '{pipeline.Augmentations[0]}' makes another picture in every epoch. Use a pipeline without augmentation, or {nameof(Run)} on each batch.");
        var store = new FeatureStore(new FeatureCache(_options.CacheFolder).Folder, FeatureSpace.Of(_modelHash, Cut.Value, pipeline, _engine, Device));
        return new FeatureMaking(this, store, data, pipeline, progress, cancellation).Run();
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    /// <summary>Where the free space of a folder's disk is asked.</summary>
    internal Func<string, long> FreeBytes { get; init; } = DiskTrouble.FreeBytes;

    /// <summary>Threads that work at once.</summary>
    internal int Threads => _options.Threads > 0 ? _options.Threads : Environment.ProcessorCount;

    /// <summary>How many pictures go through the model together.</summary>
    internal int BatchSize => _session.FixedBatch ?? _options.BatchSize;

    /// <summary>Opens the model once more, for so many threads in one run.</summary>
    internal FrozenSession Open(int threads) => new(_engine, _model, new EngineOptions { Device = _options.Device, Threads = threads, Spinning = false });

    /// <summary>The shape of a picture's features: stated, or found by a run on zeros.</summary>
    internal TensorShape ShapeFor(TensorShape input)
    {
        if (_session.StatedShape is { } stated)
            return stated;
        TensorShape shape = [_session.FixedBatch ?? 1, .. input.Extents];
        return TensorShape.Of(Shape.Of(_session.Run(new float[shape.ElementCount], shape, CancellationToken.None).Shape[1..]));
    }

    private Tensor RunInParts(float[] numbers, Tensor inputs, int batch, CancellationToken cancellation)
    {
        var (count, length) = (inputs.Shape[0], inputs.Count / inputs.Shape[0]);
        TensorShape shape = [batch, .. inputs.Shape.Extents[1..]];
        var (features, rowShape) = (new List<float>(), TensorShape.Scalar);
        for (var first = 0; first < count; first += batch)
        {
            // The rest of the last batch is zeros.
            var part = new float[batch * length];
            numbers.AsSpan(first * length, Math.Min(batch, count - first) * length).CopyTo(part);
            var output = _session.Run(part, shape, cancellation);
            rowShape = TensorShape.Of(Shape.Of(output.Shape[1..]));
            features.AddRange(output.As<float>().Span[..(Math.Min(batch, count - first) * rowShape.ElementCount)]);
        }
        return Tensor.From<float>(features.ToArray(), [count, .. rowShape.Extents], inputs.Device);
    }
}
