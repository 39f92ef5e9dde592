using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes;

namespace Anneal.Runtime;

/// <summary>What can be told of a model's values before it runs, by name; nothing of one whose operators this library does not know.</summary>
internal static class InferredFacts
{
    public static Dictionary<string, Fact> Of(Model model, IReadOnlyDictionary<string, Fact>? inputs = null)
    {
        try
        {
            var graph = UpgradeOpset.Upgraded(model).Graph;
            var facts = GraphFacts.Infer(graph, inputs);
            return graph.Values.ToDictionary(value => value.Name, value => facts[value]);
        }
        catch (AnnealException)
        {
            // An engine may run it all the same. Whoever asks does without: sizes are guessed, types are as the file declares them.
            return [];
        }
    }
}
