namespace Anneal.Onnx;

/// <summary>Which tensors are written to a file beside the model.</summary>
public enum ExternalDataPolicy
{
    /// <summary>Tensors that were loaded from external data, and all large ones when the model would not fit the format's 2 GB otherwise.</summary>
    Auto,

    /// <summary>All large ones.</summary>
    Always,

    /// <summary>None; a model that does not fit 2 GB is refused.</summary>
    Never,
}

/// <summary>How a model is saved.</summary>
public sealed record OnnxSaveOptions
{
    /// <summary>Which tensors go to a file beside the model, named after it: <c>model.onnx.data</c>.</summary>
    public ExternalDataPolicy ExternalData { get; init; } = ExternalDataPolicy.Auto;

    /// <summary>How many bytes a tensor must have to be called large. Default 1024.</summary>
    public int ExternalThresholdBytes { get; init; } = 1024;

    /// <summary>
    /// Whether an existing data file may be replaced although the model that stands at the path does not refer to it. Default false: it may
    /// belong to another model.
    /// </summary>
    public bool OverwriteExternalData { get; init; }

    /// <summary>How many bytes of elements fit into the model's own file, leaving 64 MB of the format's 2 GB to everything else.</summary>
    internal long MaxInlineBytes { get; init; } = int.MaxValue - (64L << 20);
}
