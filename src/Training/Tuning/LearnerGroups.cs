using Anneal.Onnx;
using Anneal.Training.Nn;
using Anneal.Training.Optim;

namespace Anneal.Training.Tuning;

/// <summary>
/// The parameters that learn, by how fast: the head's at the full rate, and what is before it in thirds, each slower than the one after it
/// (Howard and Ruder 2018, section 3.2). Biases and normalisations do not decay.
/// </summary>
internal static class LearnerGroups
{
    private const int Parts = 3;

    public static IReadOnlyList<ParameterGroup> Of(OnnxModule module, Graph graph, IReadOnlyCollection<string> head, StageRates rates, double rateDecay)
    {
        var learners = module.NamedParameters().Where(named => named.Parameter.RequiresGrad).ToDictionary(named => named.Name, named => named.Parameter);
        var body = DepthOrder.Of(graph, learners.Keys.Except(head));
        var groups = new List<ParameterGroup>();
        AddTo(groups, head.Where(learners.ContainsKey).Select(name => learners[name]), rates.Head, rates.HeadDecay);
        var rate = rates.Body;
        for (var part = Parts - 1; part >= 0; part--)
        {
            rate /= rateDecay;
            var (start, end) = (body.Count * part / Parts, body.Count * (part + 1) / Parts);
            AddTo(groups, body.Take(start..end).Select(name => learners[name]), rate);
        }
        return groups;
    }

    private static void AddTo(List<ParameterGroup> groups, IEnumerable<Parameter> parameters, double rate, double? decay = null)
    {
        foreach (var group in ParameterGroup.SplitByDecay(parameters))
        {
            group.LearningRate = rate;
            if (decay is { } own && group.Parameters[0].Rank > 1)
                group.WeightDecay = own;
            groups.Add(group);
        }
    }
}
