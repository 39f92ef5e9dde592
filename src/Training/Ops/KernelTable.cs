using System.Collections.Frozen;
using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>Every operator that can be computed: each family lists its own, and this is the list of families.</summary>
internal static class KernelTable
{
    private static readonly FrozenDictionary<(string Domain, string Name), Kernel> ByName = Families()
        .SelectMany(family => family)
        .ToFrozenDictionary(kernel => (kernel.Domain, kernel.Name));

    /// <summary>All kernels.</summary>
    public static IReadOnlyCollection<Kernel> All => ByName.Values;

    /// <summary>The kernel of an operator.</summary>
    /// <exception cref="AnnealException">There is none.</exception>
    public static Kernel Find(Op op) => ByName.GetValueOrDefault((op.Domain, op.Name))
        ?? throw new AnnealException($"{op.Name} cannot be computed by this engine: it has no kernel. ONNX Runtime may run it (--engine ort).");

    /// <summary>Whether an operator has a kernel.</summary>
    public static bool Has(string domain, string name) => ByName.ContainsKey((domain, name));

    private static IEnumerable<IEnumerable<Kernel>> Families() =>
    [
        Unary.Kernels,
        Binary.Kernels,
        Comparison.Kernels,
        Moves.Kernels,
        Reductions.Kernels,
        Products.Kernels,
        Convolutions.Kernels,
        Pools.Kernels,
        Softmaxes.Kernels,
        BatchNorms.Kernels,
        Norms.Kernels,
        Selections.Kernels,
        Generators.Kernels,
        Transfers.Kernels,
        Dropouts.Kernels,
        Randoms.Kernels,
        Recurrent.Kernels,
        Quantisation.Kernels,
        IntegerProducts.Kernels,
        Bits.Kernels,
        Scatters.Kernels,
        Pads.Kernels,
        Scans.Kernels,
        Resizes.Kernels,
        Samples.Kernels,
        RegionPools.Kernels,
        Folds.Kernels,
        Einsums.Kernels,
        Determinants.Kernels,
        DataSized.Kernels,
        Spectra.Kernels,
        Attentions.Kernels,
        OptimizerSteps.Kernels,
    ];
}
