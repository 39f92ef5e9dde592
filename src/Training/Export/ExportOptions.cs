using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Training.Export;

/// <summary>How a model is written. All that it asks for is done to the model before it is compared, so that the file is what was proven.</summary>
public sealed record ExportOptions
{
    /// <summary>All defaults.</summary>
    public static ExportOptions Default { get; } = new();

    /// <summary>
    /// Whether BatchNormalization is folded into the weights before it. Default false: a folded network is faster by little in ONNX Runtime, which folds
    /// by itself, and fine-tunes worse.
    /// </summary>
    public bool FoldBatchNorm { get; init; }

    /// <summary>
    /// Whether the first output, scores [N,K], is turned into probabilities. Default false. An output that a Softmax makes, or Flatten and Reshape after
    /// one, is left as it is, and <see cref="ExportReport.Notices"/> says so.
    /// </summary>
    public bool EndWithSoftmax { get; init; }

    /// <summary>
    /// Whether a batch of 1 that a file states is opened, so that it takes any number of pictures. Default true. Where a node on the way cannot be proven
    /// to treat each picture alone, the batch stays, and <see cref="ExportReport.Notices"/> says why. A recorded module always has an open batch, unless
    /// this is false: then it has the batch of the input that is given.
    /// </summary>
    public bool DynamicBatch { get; init; } = true;

    /// <summary>
    /// Whether weights of float32 are stored as float16, half as large, and cast back by the graph: it computes in float32, so that every runtime gives
    /// the same. Default false. Rounding them changes the outputs by more than <see cref="Tolerance"/>; the file is compared with a model of the rounded
    /// weights, and <see cref="ExportReport.Notices"/> states sizes and what the rounding costs.
    /// </summary>
    public bool Float16Weights { get; init; }

    /// <summary>
    /// The operator set that is written: 18 or later. Default null: that of the file a model came from, or <see cref="GraphBuilder.DefaultOpset"/> for a
    /// recorded module. A model of an older one is converted, never one of a newer.
    /// </summary>
    public int? Opset { get; init; }

    /// <summary>The largest difference between the file in ONNX Runtime and the model here, relative to the largest magnitude of an output. Default 1e-4; above 0 and below 1.</summary>
    public double Tolerance
    {
        get;
        init => field = value is > 0 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The tolerance is a share above 0 and below 1.");
    } = 1e-4;

    /// <summary>
    /// What the file is to say of itself: card, classes, lineage. Default null: what the model says already stays. Where it holds no golden example, one is
    /// made of <see cref="GoldenPicture"/> or of the formula's numbers; where <see cref="EndWithSoftmax"/> or <see cref="Float16Weights"/> change the answer,
    /// the example is asked again. The card of a file that ends with a Softmax says that it gives probabilities.
    /// </summary>
    public ModelMetadata? Metadata { get; init; }

    /// <summary>The picture's file for a new golden example, at most <see cref="GoldenExample.LargestPicture"/> bytes. Default: none, and numbers of the formula.</summary>
    public ReadOnlyMemory<byte> GoldenPicture { get; init; }

    /// <summary>Whether a file that is there already is replaced, once the new one is proven. Default false.</summary>
    public bool Overwrite { get; init; }

    /// <summary>What a recorded module's input is called. Default <c>input</c>.</summary>
    public string InputName { get; init; } = "input";

    /// <summary>What a recorded module's output is called. Default <c>output</c>.</summary>
    public string OutputName { get; init; } = "output";

    /// <summary>The element type of a recorded module's input. Default float32; int64 for a network that begins with an embedding.</summary>
    public DType InputType { get; init; } = DType.Float32;

    /// <summary>Which axes of a recorded module's input are open beside the batch, as numbers from 1 on. Default: none.</summary>
    public IReadOnlyList<int> DynamicAxes { get; init; } = [];
}
