using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Checks;

/// <summary>What holds for every node of a graph and of the subgraphs below it: the model, the operator sets, the function around.</summary>
internal sealed class CheckScope
{
    private readonly Dictionary<string, long> _versions = [];

    public CheckScope(Model model, IReadOnlyDictionary<FunctionKey, Function> functions, FaultReport report, OperatorSets sets, string place)
    {
        (Model, Functions, Report, Place) = (model, functions, report, place);
        // The first import of a domain counts; a file of IR version 1 or 2 imports none and means the first operators.
        if (sets.Count == 0 && model.IrVersion < 3)
            _versions[OperatorSets.Normalise("")] = 1;
        foreach (var set in sets)
            _versions.TryAdd(OperatorSets.Normalise(set.Domain), set.Version);
    }

    public Model Model { get; }

    public IReadOnlyDictionary<FunctionKey, Function> Functions { get; }

    public FaultReport Report { get; }

    /// <summary>What stands after a node's title: the function or training graph that it is in.</summary>
    public string Place { get; }

    /// <summary>The function whose body this is.</summary>
    public Function? Function { get; init; }

    /// <summary>The attributes that the body may refer to.</summary>
    public IReadOnlySet<string> FunctionAttributes { get; init; } = new HashSet<string>();

    /// <summary>The attributes that the body did refer to.</summary>
    public HashSet<string> Referenced { get; } = [];

    /// <summary>A graph whose values this one may use by name: a training step those of the main graph.</summary>
    public Graph? Borrowed { get; init; }

    public long? Version(string domain) => _versions.TryGetValue(OperatorSets.Normalise(domain), out var version) ? version : null;

    public string Where(Node node)
    {
        var graph = node.Graph?.Owner is null ? "" : $" in graph '{FaultReport.Clip(node.Graph.Name)}'";
        return $"{FaultReport.Clip(node.Title)}{graph}{Place}";
    }

    public string Where(Graph graph) => $"graph '{FaultReport.Clip(graph.Name)}'{Place}";

    public string Where(Value value) => $"'{FaultReport.Clip(value.Name)}'{Place}";

    /// <summary>Whether a record says of an operator what it means in the version that is imported.</summary>
    public static bool IsCurrent(OpEntry entry, long version) => version >= entry.Since[^1];
}

/// <summary>What tells functions apart.</summary>
internal readonly record struct FunctionKey(string Domain, string Name, string Overload)
{
    public static FunctionKey Of(Function function) => new(OperatorSets.Normalise(function.Domain), function.Name, function.Overload);

    public static FunctionKey Of(Node node) => new(OperatorSets.Normalise(node.Domain), node.OpType, node.Overload);
}
