using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Ops;

namespace Anneal.Training;

/// <summary>One operator that was applied: what the tape keeps of it until a backward pass has consumed it.</summary>
internal sealed class TapeEntry
{
    private static long Recorded;

    private int[] _versions;

    public TapeEntry(Op op, Kernel kernel, Tensor?[] inputs, Tensor[] outputs)
    {
        (Op, Kernel, Inputs, Outputs) = (op, kernel, inputs, outputs);
        _versions = Array.Exists(inputs, input => input is MutableTensor) ? Array.ConvertAll(inputs, VersionOf) : [];
        foreach (var output in outputs)
            output.Entry = this;
    }

    /// <summary>The number of the entry that was recorded last.</summary>
    public static long LastOrder => Interlocked.Read(ref Recorded);

    public Op Op { get; }

    public Kernel Kernel { get; }

    /// <summary>None once a backward pass has been here, so that a loss that somebody keeps does not keep all that led to it.</summary>
    public Tensor?[] Inputs { get; private set; }

    public Tensor[] Outputs { get; }

    /// <summary>Entries in the order in which they were recorded: an entry's inputs come from smaller numbers.</summary>
    public long Order { get; } = Interlocked.Increment(ref Recorded);

    /// <summary>The gradients that have come in, one for each output; null until a backward pass comes by.</summary>
    public Tensor?[]? Incoming { get; set; }

    /// <summary>How errors call the entry.</summary>
    public string Title => $"{Op.Name} of {Outputs[0].Title}";

    /// <summary>Whether a backward pass has been here.</summary>
    public bool IsConsumed { get; private set; }

    /// <summary>Refuses a second backward pass, and parameters that have changed since.</summary>
    public void RequireFresh()
    {
        if (IsConsumed)
            throw new AnnealException($"Backward has been through {Title} already and has given back what it kept. Compute the loss again before calling Backward again.");
        for (var i = 0; i < _versions.Length; i++)
            if (VersionOf(Inputs[i]) != _versions[i])
                throw new AnnealException($"{Title}: input {i}, {Inputs[i]!.Title}, was changed after it was used (version {_versions[i]} then, {VersionOf(Inputs[i])} now). Call Backward before the optimiser's step.");
    }

    /// <summary>Lets go of what the entry made. Tensors that are kept stay.</summary>
    public void Consume(IReadOnlyList<Tensor> roots)
    {
        (IsConsumed, Incoming, Inputs, _versions) = (true, null, [], []);
        foreach (var output in Outputs)
            if (!roots.Contains(output))
                output.Discard("Backward has consumed it; keep it with Keep() to use it afterwards");
    }

    private static int VersionOf(Tensor? tensor) => (tensor as MutableTensor)?.Version ?? 0;
}
