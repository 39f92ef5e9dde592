namespace Anneal.Onnx;

/// <summary>A training step kept beside the graph (<c>TrainingInfoProto</c>).</summary>
public sealed class TrainingInfo : ModelPart
{
    /// <summary>The graph that gives the variables their first values, when there is one.</summary>
    public Graph? Initialization { get; set; }

    /// <summary>The graph of one training step, when there is one.</summary>
    public Graph? Algorithm { get; set; }

    /// <summary>Variable (key) to the output of <see cref="Initialization"/> that it is set to (value).</summary>
    public Metadata InitializationBinding { get; } = new();

    /// <summary>Variable (key) to the output of <see cref="Algorithm"/> that it is set to (value).</summary>
    public Metadata UpdateBinding { get; } = new();

    internal TrainingInfo Copy()
    {
        var copy = new TrainingInfo
        {
            Initialization = Initialization is null ? null : GraphCopier.Copy(Initialization),
            Algorithm = Algorithm is null ? null : GraphCopier.Copy(Algorithm),
            Trace = Trace,
        };
        InitializationBinding.CopyTo(copy.InitializationBinding);
        UpdateBinding.CopyTo(copy.UpdateBinding);
        return copy;
    }
}
