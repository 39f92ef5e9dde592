using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>One side of a comparison: a model and what runs it.</summary>
/// <param name="Model">The model; it is copied and never changed.</param>
/// <param name="Engine">What runs it.</param>
/// <param name="Options">How sessions are opened; null for <see cref="EngineOptions.Default"/>.</param>
public sealed record ModelOnEngine(Model Model, IEngine Engine, EngineOptions? Options = null);
