using Anneal.Onnx;

namespace Anneal.Training.Data;

/// <summary>A sample that cannot be read or encoded. The cause is the inner exception.</summary>
public sealed class SampleException : AnnealException
{
    internal SampleException(int index, string? name, Exception cause)
        : base($"Sample {index}{(name is null ? "" : $" ({name})")} cannot be loaded: {cause.Message}", cause) =>
        (SampleIndex, SampleName) = (index, name);

    /// <summary>The sample's number in the loader's dataset.</summary>
    public int SampleIndex { get; }

    /// <summary>What the dataset calls the sample, such as its file; or null.</summary>
    public string? SampleName { get; }
}
