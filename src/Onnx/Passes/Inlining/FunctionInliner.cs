using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes.Inlining;

/// <summary>Carries out rules 1 to 4 of <see cref="InlineFunctions"/> on the main graph of a model and its subgraphs.</summary>
internal sealed class FunctionInliner(Model model, FunctionCalls calls)
{
    private readonly FreeNames _values = FreeNames.OfValues(model.Graph);
    private readonly FreeNames _nodes = FreeNames.OfNodes(model.Graph);

    // The same function is often called many times; what rule 4 asks of it is asked once.
    private readonly HashSet<Function> _checked = [];

    /// <summary>Replaces every call.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Run()
    {
        var changed = false;
        var waiting = new Queue<Graph>([model.Graph]);
        while (waiting.TryDequeue(out var graph))
        {
            changed |= ReplaceCalls(graph);
            foreach (var subgraph in graph.Nodes.SelectMany(node => node.Subgraphs))
                waiting.Enqueue(subgraph);
        }
        return changed;
    }

    /// <summary>The calls of one graph. Copies are made at its end and put into their places together, since a place in the middle takes time for each node.</summary>
    private bool ReplaceCalls(Graph graph)
    {
        if (!graph.Nodes.Any(node => calls.Find(node) is not null))
            return false;
        var order = new List<Node>();
        var waiting = new Stack<Node>(graph.Nodes.Reverse());
        while (waiting.TryPop(out var node))
            if (calls.Find(node) is not { } function)
                order.Add(node);
            else
                foreach (var copy in Enumerable.Reverse(Replace(node, function, graph)))
                    waiting.Push(copy);
        graph.Arrange(order);
        return true;
    }

    /// <summary>Rule 1.</summary>
    private List<Node> Replace(Node call, Function function, Graph graph)
    {
        RequireFit(call, function);
        if (_checked.Add(function))
            Check(function);
        var copier = new GraphCopier
        {
            Attribute = attribute => Substitute(call, function, attribute),
            FreeName = (name, _) => _values.Take(name),
        };
        for (var i = 0; i < function.Body.Inputs.Count; i++)
            copier.Map(function.Body.Inputs[i], call.Input(i));
        var scope = call.Name.Length > 0 ? call.Name : call.Outputs.OfType<Value>().FirstOrDefault()?.Name ?? function.Name;
        List<Node> copies = [.. copier.CopyInto(function.Body.Nodes, graph, graph.Nodes.Count, value => $"{scope}/{value.Name}")];
        foreach (var copy in copies.Where(copy => copy.Name.Length > 0))
            copy.Name = _nodes.Take($"{scope}/{copy.Name}");
        Give(call, function, graph, copier, copies);
        return copies;
    }

    /// <summary>Rule 3.</summary>
    private static void RequireFit(Node call, Function function)
    {
        var (inputs, outputs) = (function.Body.Inputs.Count, function.Body.Outputs.Count);
        if (call.Inputs.Count > inputs)
            throw new InvalidModelException($"{call.Title} has {call.Inputs.Count} inputs; the function {function} takes {inputs}.");
        if (call.Outputs.Count > outputs)
            throw new InvalidModelException($"{call.Title} has {call.Outputs.Count} outputs; the function {function} gives {outputs}.");
    }

    private void Check(Function function)
    {
        var nodes = function.Body.SelfAndSubgraphs().SelectMany(graph => graph.Nodes).ToList();
        if (nodes.SelectMany(node => node.Inputs).Concat(function.Body.Outputs).FirstOrDefault(value => value is { IsUndefined: true }) is { } undefined)
            throw new InvalidModelException($"Function {function} uses '{undefined.Name}', which nothing in it makes.");
        foreach (var user in nodes.Where(node => calls.Find(node) is null).GroupBy(node => OperatorSets.Normalise(node.Domain)))
            Import(function, user.Key, user);
    }

    /// <summary>Rule 4.</summary>
    private void Import(Function function, string domain, IEnumerable<Node> nodes)
    {
        var version = function.OperatorSets[domain]
            ?? throw new InvalidModelException($"Function {function} uses operators of {domain} and does not import them.");
        if (model.OperatorSets[domain] is not { } other)
            model.OperatorSets.Add(new(domain == "ai.onnx" ? "" : domain, version));
        else if (other != version && nodes.FirstOrDefault(node => !MeansTheSame(node, version, other)) is { } node)
            throw new AnnealException($"Function {function} uses version {version} of {domain} and the model version {other}; {node.Title} need not mean the same in both. Upgrade the model first: that brings both to one version.");
    }

    private static bool MeansTheSame(Node node, long version, long other) => OpTable.Find(node.Domain, node.OpType) is { } entry
        && Effective(entry, version) is { } effective && effective == Effective(entry, other);

    private static int? Effective(OpEntry entry, long version) => entry.Since.Cast<int?>().LastOrDefault(since => since <= version);

    /// <summary>Rule 2.</summary>
    private static NodeAttribute? Substitute(Node call, Function function, NodeAttribute attribute)
    {
        var name = attribute.ReferenceTo;
        if (name.Length == 0)
            return attribute;
        var given = call.Attribute(name) ?? function.AttributeDefaults.FirstOrDefault(byDefault => byDefault.Name == name);
        if (given is null)
            return function.Attributes.Contains(name)
                ? null
                : throw new InvalidModelException($"Function {function}: the attribute '{attribute.Name}' refers to '{name}', which the function does not have.");
        if (given.ReferenceTo.Length > 0)
            throw new InvalidModelException($"{call.Title}: the attribute '{name}' refers to one of a function around it, and there is none.");
        return attribute.Kind == AttributeKind.Undefined || attribute.Kind == given.Kind
            ? given.WithName(attribute.Name)
            : throw new InvalidModelException($"{call.Title} gives {given.Kind} for '{name}' where the function {function} needs {attribute.Kind}.");
    }

    /// <summary>Makes the copies give what the call gave.</summary>
    private void Give(Node call, Function function, Graph graph, GraphCopier copier, List<Node> copies)
    {
        var given = new HashSet<Value>();
        for (var i = 0; i < call.Outputs.Count; i++)
        {
            if (call.Outputs[i] is not { } output)
                continue;
            var inner = function.Body.Outputs[i];
            var made = copier.CopyOf(inner)
                ?? throw new InvalidModelException($"{call.Title}: its output {i} is the function's input '{inner.Name}', which the call leaves out.");
            // An input that is passed through, or a value that is an output twice, has a name of its own already.
            if (inner.Producer is null || !given.Add(inner))
                made = AddIdentity(graph, made, copies);
            output.Type ??= made.Type;
            graph.Supersede(made, output);
            copier.Map(inner, output);
        }
    }

    private Value AddIdentity(Graph graph, Value value, List<Node> copies)
    {
        // Every version has it.
        model.OperatorSets[""] ??= 1;
        copies.Add(graph.AddNode("Identity", [value], [_values.Take(value.Name)]));
        return copies[^1].Outputs[0]!;
    }
}
