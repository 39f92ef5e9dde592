using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Export;

/// <summary>
/// What can be said in an operator set, and how some operators that are missing from it are said with others. An operator that stands for itself is
/// written as one node; one that does not is spelled here, or recorded as what its kernel is made of.
/// </summary>
internal sealed class ExportDialect(long opset)
{
    /// <summary>The operator set.</summary>
    public long Opset => opset;

    /// <summary>Whether a node says the operator, and inference runtimes run it: in training mode BatchNormalization they do not.</summary>
    public bool IsWritable(Op op) => op is not BatchNormalization { TrainingMode: true }
        && op.Domain.Length == 0
        && OpTable.Find("", op.Name) is { } entry
        && (op is not Elementwise || op == entry.Blank)
        && !WritableSince.IsWithdrawn(op)
        && WritableSince.Of(entry, op) <= opset;

    /// <summary>The operator in terms of others; null where there is no such spelling.</summary>
    public static Func<Tensor?[], Tensor>? Spell(Op op, int outputs) => op switch
    {
        Swish swish => x => x[0]! * (swish.Alpha == 1 ? x[0]! : x[0]! * swish.Alpha).Sigmoid(),
        Gelu { Approximate: "tanh" } => x => TanhGelu(x[0]!),
        Gelu => x => ErfGelu(x[0]!),
        BatchNormalization { TrainingMode: true } norm when outputs == 1 => x => OfBatch(norm, x[0]!, x[1]!, x[2]!),
        _ => null,
    };

    /// <summary>An error for an operator that no graph can say.</summary>
    public AnnealException Refuse(RecordedCall call)
    {
        if (call.Op.Name is "KeyedDropout" || call.Op.IsRandom)
            return new($"{call.Title} draws random numbers, which a file cannot say as they are drawn here. Draw in training only (IsTraining).");
        if (OpTable.Find(call.Op.Domain, call.Op.Name) is { } entry && entry.Domain.Length == 0 && WritableSince.Of(entry, call.Op) is var since && since > opset)
            return new($"{call.Title} needs operator set {since}; the file is written for {opset}. Ask for it with {nameof(ExportOptions)}.{nameof(ExportOptions.Opset)}.");
        return new($"{call.Title} is an operator of this library's training alone, which no other runtime knows. Write what it computes with the methods of Tensor.");
    }

    private static Tensor TanhGelu(Tensor x) => x * 0.5 * (((x + (x * x * x * 0.044715)) * Math.Sqrt(2 / Math.PI)).Tanh() + 1);

    private static Tensor ErfGelu(Tensor x) => x * 0.5 * (Tensor.Apply(new Elementwise("Erf"), x * Math.Sqrt(0.5)) + 1);

    /// <summary>Normalised by the mean and variance of the batch itself, x [N,C,…].</summary>
    private static Tensor OfBatch(BatchNormalization op, Tensor x, Tensor scale, Tensor bias)
    {
        int[] axes = [0, .. Enumerable.Range(2, x.Rank - 2)];
        int[] channels = [-1, .. Enumerable.Repeat(1, x.Rank - 2)];
        var centred = x - x.MeanKeep(axes);
        return (centred / ((centred * centred).MeanKeep(axes) + op.Epsilon).Sqrt() * scale.Reshape(channels)) + bias.Reshape(channels);
    }
}
