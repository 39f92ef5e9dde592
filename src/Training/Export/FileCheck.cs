using Anneal.Onnx;
using Anneal.Runtime;

namespace Anneal.Training.Export;

/// <summary>Holds a session's outputs against a reference's, on seeded numbers at several batches.</summary>
/// <param name="session">The file, opened.</param>
/// <param name="cancellation">Ends the check.</param>
internal sealed class FileCheck(IModelSession session, CancellationToken cancellation)
{
    private const int Seed = 20;

    // Extents that a file leaves open beside the batch: pictures have two, and networks that halve them five times need some.
    private const long OpenSpace = 224;
    private const long OpenLength = 8;

    private static readonly int[] OpenBatches = [1, 2, 7];

    /// <summary>The batches: those of the file where its first axes are open, or the one that it states.</summary>
    public IReadOnlyList<int> Batches { get; } = session.Inputs.Any(HasOpenBatch)
        ? OpenBatches
        : [(int)(session.Inputs.FirstOrDefault(input => input.Shape.Count > 0)?.Shape[0] ?? 1)];

    /// <summary>The largest difference at any batch.</summary>
    /// <exception cref="AnnealException">Outputs differ in name, type or shape, or one side cannot be run.</exception>
    public ModelComparison Against(IExportReference reference) => Batches.Select(batch => Against(reference, batch)).MaxBy(result => result.Largest)!;

    private ModelComparison Against(IExportReference reference, int batch)
    {
        cancellation.ThrowIfCancellationRequested();
        // One stream for all inputs: equal ones would hide an operator that takes them the wrong way round.
        var random = new Random(Seed + batch);
        NamedTensor[] inputs = [.. session.Inputs.Select(input => SeededInputs.Draw(input, Extents(input, batch), random))];
        return ModelComparison.Difference(reference.Run(inputs, cancellation), session.Run(inputs, cancellation));
    }

    private static bool HasOpenBatch(TensorInfo input) => input.Shape is [< 0, ..];

    private static long[] Extents(TensorInfo input, int batch) =>
        [.. input.Shape.Select((extent, axis) => extent >= 0 ? extent : axis == 0 ? batch : input.Shape.Count == 4 ? OpenSpace : OpenLength)];
}
