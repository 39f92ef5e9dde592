using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Training.Tuning;

/// <summary>Answers a head that was asked for under a name that cannot be one.</summary>
internal static class HeadNames
{
    private const int MostNear = 3;

    /// <summary>The error: with the nearest names where there is no such node, otherwise with what the node is.</summary>
    public static AnnealException Wrong(Graph graph, string name, IReadOnlyList<HeadLayer> layers)
    {
        if (graph.Nodes.FirstOrDefault(node => node.Name == name || node.Outputs.Any(output => output?.Name == name)) is { } other)
            return new($"{other.Title} cannot be the head: a head is a Gemm, a MatMul or a Conv of 1x1 with one group, of constant weights. {Offer(name, layers)}");
        return new($"The model has no node '{name}'. {Offer(name, layers)}");
    }

    private static string Offer(string name, IReadOnlyList<HeadLayer> layers)
    {
        string[] near = [.. layers.Select(layer => HeadPlace.Label(layer.Node)).Distinct().OrderBy(label => EditDistance.Between(name, label)).Take(MostNear)];
        return near.Length == 0 ? $"Only '{HeadSearch.Append}' is left." : $"Did you mean {string.Join(" or ", near.Select(label => $"'{label}'"))}? '{HeadSearch.Append}' keeps every layer and appends one.";
    }
}
