namespace Anneal.Training.Export;

/// <summary>What was written, and how it was proven.</summary>
/// <param name="Path">The file, in full.</param>
/// <param name="LargestDifference">
/// The largest difference between the file in ONNX Runtime and the model here, relative to the largest magnitude of the output it is in.
/// </param>
/// <param name="Notices">What an option did, or why it could not be done, in full sentences.</param>
public sealed record ExportReport(string Path, double LargestDifference, IReadOnlyList<string> Notices)
{
    /// <summary>The output that differs most.</summary>
    public string Output { get; init; } = "";

    /// <summary>The batches that were compared; 1 alone where the file takes no other.</summary>
    public IReadOnlyList<int> Batches { get; init; } = [];

    /// <summary>The size of the file, with its external data.</summary>
    public long SizeBytes { get; init; }

    /// <summary>The operator set that was written.</summary>
    public long Opset { get; init; }
}
