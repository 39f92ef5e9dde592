using Anneal.Onnx;
using Anneal.Runtime;

namespace Anneal.Zoo;

/// <summary>Checks a model file against the golden example that it carries: anywhere, without source code, card or data beside it.</summary>
public static class ModelVerifier
{
    /// <summary>
    /// Opens a file, asks it about its golden example and compares. Where the file's batch is open, the example goes through alone, and as
    /// the last of 2 and of 7; the others are the formula's with the seeds 1, 2, ….
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="engine">What runs it; null for ONNX Runtime.</param>
    /// <param name="options">Device and threads; null for the defaults, without spinning.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <exception cref="AnnealException">
    /// The file cannot be opened, holds no golden example, or cannot be asked about it. An answer that differs is no exception: see
    /// <see cref="ModelVerification.IsGood"/>.
    /// </exception>
    public static ModelVerification Verify(string path, IEngine? engine = null, EngineOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var full = Path.GetFullPath(path);
        using var session = (engine ?? new OrtEngine()).Open(ModelSource.FromFile(full), options ?? new() { Spinning = false });
        return Verify(session, full, cancellation);
    }

    /// <summary>Asks an opened file about its golden example and compares.</summary>
    /// <param name="session">The opened file.</param>
    /// <param name="file">What the result and messages call it: its path.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <inheritdoc cref="Verify(string, IEngine?, EngineOptions?, CancellationToken)"/>
    public static ModelVerification Verify(IModelSession session, string file, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        var metadata = ModelMetadata.Read(session.Metadata, file);
        if (metadata?.Golden is not { } golden)
            throw new AnnealException($"{file} holds no golden example, so there is nothing to check its answers against. Files that Anneal exports carry one.");
        var run = new GoldenRun(session, metadata.Card, golden);
        var largest = run.Batches.Max(batch => Difference(session, golden.Expected, run.Answer(batch, cancellation)));
        return new(file, session.Engine, session.Device, largest, golden.Tolerance) { Batches = run.Batches };
    }

    private static double Difference(IModelSession session, IReadOnlyList<float> expected, float[] found)
    {
        if (expected.Count != found.Length)
            throw new AnnealException($"{session} answers its golden example with {found.Length} numbers, where {expected.Count} are recorded: this example belongs to another model.");
        var largest = 0.0;
        for (var i = 0; i < found.Length; i++)
            largest = float.IsFinite(found[i]) ? Math.Max(largest, Math.Abs((double)found[i] - expected[i])) : double.PositiveInfinity;
        return largest;
    }
}
