namespace Anneal.Onnx;

/// <summary>
/// Names that no value, or no node, in a graph or below it has yet. It looks at the graph once, where <see cref="Graph.UniqueName"/> looks for each name: for
/// those who make many values. No other names may come into the graph meanwhile.
/// </summary>
internal sealed class FreeNames
{
    /// <summary>A file may hold names of any length, and each copy of a node has names of its own: longer ones are cut.</summary>
    public const int MostLength = 200;

    private readonly HashSet<string> _taken;
    private readonly Dictionary<string, int> _numbers = [];

    private FreeNames(IEnumerable<string> taken) => _taken = [.. taken];

    /// <summary>The names that values can have in a graph without graphs around it.</summary>
    public static FreeNames OfValues(Graph root) => new(root.SelfAndSubgraphs().SelectMany(graph => graph.Values).Select(value => value.Name));

    /// <summary>The names that nodes can have in a graph without graphs around it, and be distinct.</summary>
    public static FreeNames OfNodes(Graph root) => new(root.SelfAndSubgraphs().SelectMany(graph => graph.Nodes).Select(node => node.Name));

    /// <summary>The wanted name, or it with a number; from now on it is taken.</summary>
    public string Take(string wanted)
    {
        var hint = Cut(wanted);
        if (hint.Length > 0 && _taken.Add(hint))
            return hint;
        for (var number = _numbers.GetValueOrDefault(hint) + 1; ; number++)
            if ($"{hint}_{number}" is var name && _taken.Add(name))
            {
                _numbers[hint] = number;
                return name;
            }
    }

    private static string Cut(string name) =>
        name.Length <= MostLength ? name : name[..(char.IsHighSurrogate(name[MostLength - 1]) ? MostLength - 1 : MostLength)];
}
