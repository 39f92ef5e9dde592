using Anneal.Onnx;
using Anneal.Runtime;

namespace Anneal.Cli.Comparison;

/// <summary>One of the two sides of a comparison.</summary>
/// <param name="Name">What the model is called: its path, or its name in the catalogue.</param>
/// <param name="Source">Where it is read from.</param>
/// <param name="Engine">What runs it.</param>
/// <param name="Options">Where and how.</param>
internal sealed record Side(string Name, ModelSource Source, IEngine Engine, EngineOptions Options)
{
    /// <summary>Opens a session.</summary>
    public IModelSession Open() => Engine.Open(Source, Options);

    /// <summary>The graph, for a look between its nodes.</summary>
    public ModelOnEngine Load() => new(Source.Path is { } path ? OnnxFile.Load(path) : OnnxFile.Parse(Source.Bytes, name: Name), Engine, Options);
}
