using Anneal.Runtime;

namespace Anneal.Cli.Comparison;

/// <summary>What a comparison node by node has found.</summary>
/// <param name="Compared">How many values were compared.</param>
/// <param name="Nodes">How many nodes the first model has.</param>
/// <param name="Unmatched">Values that only the first model makes.</param>
/// <param name="Largest">The node behind which the sides are farthest apart; null when nothing was compared.</param>
/// <param name="Parting">The first node behind which they are farther apart than is allowed; null when there is none.</param>
internal sealed record NodeWalk(int Compared, int Nodes, IReadOnlyList<string> Unmatched, NodeDifference? Largest, NodeDifference? Parting)
{
    /// <summary>Goes through the nodes in their order and stops where the sides part: behind that, differences are only handed on.</summary>
    public static NodeWalk Run(Side first, Side second, IReadOnlyList<NamedTensor> sample, double tolerance, CancellationToken cancellation)
    {
        var a = first.Load();
        var comparison = new NodeComparison(a, ReferenceEquals(first.Source, second.Source) ? a with { Engine = second.Engine, Options = second.Options } : second.Load());
        var (compared, largest) = (0, (NodeDifference?)null);
        foreach (var node in comparison.Run(sample, cancellation))
        {
            compared++;
            if (!(node.Difference.Relative <= largest?.Difference.Relative))
                largest = node;
            if (!(node.Difference.Relative <= tolerance))
                return new(compared, a.Model.Graph.Nodes.Count, comparison.Unmatched, largest, node);
        }
        return new(compared, a.Model.Graph.Nodes.Count, comparison.Unmatched, largest, null);
    }
}
