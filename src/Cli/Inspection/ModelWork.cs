using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Cli.Inspection;

/// <summary>
/// The shapes of a model's layers and what one run of it costs. Both are worked out on a copy with current operators and no calls of
/// functions; its layers keep the names they have in the file.
/// </summary>
internal sealed class ModelWork
{
    private readonly GraphFacts? _facts;

    private ModelWork(GraphCost? cost, GraphFacts? facts, string? problem) => (Cost, _facts, Problem) = (cost, facts, problem);

    /// <summary>What a run on one picture costs; null when <see cref="Problem"/> says why not.</summary>
    public GraphCost? Cost { get; }

    /// <summary>Why shapes and costs could not be worked out, or null.</summary>
    public string? Problem { get; }

    /// <summary>The layers; none when there is a problem.</summary>
    public IReadOnlyList<LayerCost> Layers => Cost?.Layers ?? [];

    public static ModelWork Of(Model model)
    {
        try
        {
            var graph = CurrentModel.Of(model).Graph;
            return new(GraphCost.Of(graph), GraphFacts.Infer(graph, Defaults(graph)), null);
        }
        catch (AnnealException error)
        {
            return new(null, null, error.Message);
        }
    }

    /// <summary>The inferred type of what a layer gives first; extents that the file leaves open stay open.</summary>
    public TensorType? OutputOf(LayerCost layer) => layer.Node.Outputs.OfType<Value>().FirstOrDefault() is { } output ? _facts?[output].Type as TensorType : null;

    /// <summary>What a person calls a layer: its name, or that of its first output.</summary>
    public static string NameOf(LayerCost layer) => layer.Node.Name.Length > 0 ? layer.Node.Name : layer.Node.Outputs.OfType<Value>().FirstOrDefault()?.Name ?? "";

    private static Dictionary<string, Fact> Defaults(Graph graph) => graph.Inputs.Where(input => input.Initializer is not null)
        .ToDictionary(input => input.Name, input => Fact.Of(input.Initializer!));
}
