using Anneal.Runtime;
using Anneal.Zoo.Images;

namespace Anneal.Zoo;

/// <summary>How a classifier is loaded. Every default is stated here.</summary>
public sealed record LoadOptions
{
    /// <summary>The engine that runs it. Default: ONNX Runtime (<see cref="OrtEngine"/>).</summary>
    public IEngine? Engine { get; init; }

    /// <summary>
    /// Device, threads, warm-up. Default: <see cref="EngineOptions.Default"/>, but with <see cref="EngineOptions.Spinning"/> off, because a
    /// classifier decodes pictures on the same cores.
    /// </summary>
    public EngineOptions Session { get; init; } = EngineOptions.Default with { Spinning = false };

    /// <summary>
    /// Preprocessing and labels, in place of what the catalogue or the file itself says. Default: none; a file that the catalogue does not
    /// know is then refused unless it says so itself.
    /// </summary>
    public ModelCard? Card { get; init; }

    /// <summary>How large a picture may be. Default: <see cref="ImageLimits.Default"/>.</summary>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;

    /// <summary>Whether a model may be loaded whose weights are not known to be trained. Default false.</summary>
    public bool AllowUnverified { get; init; }

    /// <summary>The expected SHA-256 of a model given by path or address: 64 hexadecimal digits. Required for an address.</summary>
    public string? Sha256 { get; init; }
}
