using Anneal.Onnx;

namespace Anneal.Training.Data;

/// <summary>
/// Mixes each sample of a batch with the one before it (the first with the last), pictures and classes alike, as torchvision's v2 transforms
/// do. The classes become shares (<see cref="Batch.SoftLabels"/>).
/// </summary>
public abstract class BatchMix
{
    private protected BatchMix(int classCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 1);
        ClassCount = classCount;
    }

    /// <summary>How many classes there are.</summary>
    public int ClassCount { get; }

    /// <summary>One of several ways, each as likely as the others, drawn for each batch.</summary>
    public static BatchMix OneOf(params IReadOnlyList<BatchMix> ways) => new OneMix(ways);

    /// <summary>Mixes a batch.</summary>
    /// <param name="inputs">[N,…], changed in place.</param>
    /// <param name="labels">[N] classes.</param>
    /// <param name="softLabels">[N,classes], all of which is written.</param>
    /// <param name="draws">The random numbers of the batch.</param>
    internal abstract void Run(Tensor inputs, ReadOnlySpan<long> labels, Tensor softLabels, Draws draws);

    /// <summary>Refuses inputs that cannot be mixed this way, before any is made.</summary>
    /// <param name="input">The shape of one input.</param>
    internal virtual void RequireShape(TensorShape input) { }

    internal void RequireClass(long label)
    {
        if (label < 0 || label >= ClassCount)
            throw new AnnealException($"Its class is {label}; the samples of a batch are to be mixed as {ClassCount} classes, counted from 0.");
    }

    /// <summary>The classes' shares: the sample's own class has <paramref name="share"/>, that of the sample before it the rest.</summary>
    internal static void MixLabels(ReadOnlySpan<long> labels, Tensor softLabels, double share)
    {
        var (own, other) = ((float)share, (float)(1 - share));
        var shares = softLabels.Writable<float>();
        shares.Clear();
        var classes = softLabels.Shape[1];
        for (var row = 0; row < labels.Length; row++)
        {
            shares[(row * classes) + (int)labels[row == 0 ? ^1 : row - 1]] = other;
            shares[(row * classes) + (int)labels[row]] += own;
        }
    }

    private sealed class OneMix : BatchMix
    {
        private readonly BatchMix[] _ways;

        public OneMix(IReadOnlyList<BatchMix> ways) : base(ways is [var first, ..] ? first.ClassCount : throw new AnnealException($"{nameof(OneOf)} needs at least one way."))
        {
            _ways = [.. ways];
            if (_ways.Any(way => way.ClassCount != ClassCount))
                throw new AnnealException($"{nameof(OneOf)}: the ways have {string.Join(" and ", _ways.Select(way => way.ClassCount).Distinct())} classes; they need the same.");
        }

        public override string ToString() => $"one of: {string.Join("; ", _ways.Select(way => way.ToString()))}";

        internal override void RequireShape(TensorShape input) => Array.ForEach(_ways, way => way.RequireShape(input));

        internal override void Run(Tensor inputs, ReadOnlySpan<long> labels, Tensor softLabels, Draws draws) =>
            _ways[draws.For("way").Below(_ways.Length)].Run(inputs, labels, softLabels, draws);
    }
}
