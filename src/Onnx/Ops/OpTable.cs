using System.Collections.Frozen;

namespace Anneal.Onnx.Ops;

/// <summary>Every operator that this library knows: each family lists its own, and this is the list of families.</summary>
public static class OpTable
{
    private static readonly FrozenDictionary<(string Domain, string Name), OpEntry> ByName = Families()
        .SelectMany(family => family)
        .ToFrozenDictionary(entry => (entry.Domain, entry.Name));

    /// <summary>All operators.</summary>
    public static IReadOnlyCollection<OpEntry> All => ByName.Values;

    /// <summary>The version of ONNX's own operator set whose operators the records mean: the newest that changed any of them.</summary>
    public static int Version { get; } = All.Where(entry => entry.Domain.Length == 0).Max(entry => entry.Since[^1]);

    /// <summary>The operator that a node calls, or null when it is not known. <c>ai.onnx</c> is another spelling of the empty domain.</summary>
    public static OpEntry? Find(string domain, string opType) => ByName.GetValueOrDefault((domain == "ai.onnx" ? "" : domain, opType));

    /// <summary>Why an operator is not known, and what to do instead, as sentences; null for one that is known.</summary>
    public static string? WhyNot(string domain, string opType) => Find(domain, opType) is null ? UnknownOperators.WhyNot(domain, opType) : null;

    private static IEnumerable<IEnumerable<OpEntry>> Families() =>
    [
        Activations.Entries,
        AttentionFamily.Entries,
        Convolution.Entries,
        Elementwise.Entries,
        Losses.Entries,
        MatrixProducts.Entries,
        Normalization.Entries,
        Pooling.Entries,
        Quantization.Entries,
        Recurrent.Entries,
        Reduction.Entries,
        SoftmaxFamily.Entries,
        Layout.Entries,
        Indexing.Entries,
        Constants.Entries,
        Casting.Entries,
        Col2Im.Entries,
        Resizing.Entries,
        Regions.Entries,
        Signals.Entries,
        Randomness.Entries,
        ControlFlow.Entries,
        TrainingSteps.Entries,
    ];
}
