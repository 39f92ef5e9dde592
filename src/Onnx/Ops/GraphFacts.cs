namespace Anneal.Onnx.Ops;

/// <summary>
/// What is known of every value of a graph: constants and declared types first, then node after node in file order. Nodes of unknown operators
/// give values of which nothing is known; what a file declares of a value counts where inference knows less. A value in the body of a loop
/// has the fact that holds in every round. Every operator is taken in its current version: a graph of an older operator set is to be upgraded
/// first.
/// </summary>
public sealed class GraphFacts
{
    /// <summary>
    /// How deep subgraphs may be nested. Each level takes its part of the stack; a file cannot reach the limit (see
    /// <see cref="OnnxLoadOptions.MaxNesting"/>: three messages a subgraph), a graph built in memory can.
    /// </summary>
    public const int MostNesting = 100;

    // After so many rounds a loop that still has not settled is inferred with nothing known of what it carries.
    private const int MostRounds = 8;

    private readonly Dictionary<Value, Fact> _facts = [];
    private readonly Dictionary<Graph, IReadOnlyList<Fact>> _settled = [];
    private readonly bool _trustDeclared;
    private readonly Action<Node, AnnealException>? _refused;
    private int _nesting;

    private GraphFacts(bool trustDeclared, Action<Node, AnnealException>? refused = null) => (_trustDeclared, _refused) = (trustDeclared, refused);

    /// <summary>The fact of a value; nothing is known of a value of another model.</summary>
    public Fact this[Value value] => _facts.GetValueOrDefault(value, Fact.Unknown);

    /// <summary>Infers a whole graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="inputs">What is known of its inputs beyond their declared types, by name; their constants for instance.</param>
    /// <param name="trustDeclared">Whether types that the file declares for inner values and outputs count.</param>
    /// <exception cref="AnnealException">A node does not fit its inputs, or subgraphs are nested deeper than <see cref="MostNesting"/>; the message names it.</exception>
    public static GraphFacts Infer(Graph graph, IReadOnlyDictionary<string, Fact>? inputs = null, bool trustDeclared = true)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return new GraphFacts(trustDeclared).Start(graph, inputs);
    }

    /// <summary>Facts of a graph that is still being written: inputs, constants and nodes are told one by one.</summary>
    internal static GraphFacts ToBeTold() => new(trustDeclared: true);

    /// <summary>Says what is known of a value.</summary>
    internal void Tell(Value value, Fact fact) => _facts[value] = fact;

    /// <summary>What an operator gives for some values, before there is a node.</summary>
    internal IReadOnlyList<Fact> Infer(Op op, string title, IReadOnlyList<Value?> inputs, int outputCount)
    {
        var inference = new Inference(title, [.. inputs.Select(value => value is null ? null : this[value])], outputCount, this);
        op.Infer(inference);
        return inference.Outputs;
    }

    /// <summary>As the other overload, for a graph that may have faults: each node that does not fit its inputs is handed over, and what it declares is taken instead.</summary>
    internal static GraphFacts Infer(Graph graph, IReadOnlyDictionary<string, Fact>? inputs, Action<Node, AnnealException> refused) =>
        new GraphFacts(trustDeclared: true, refused).Start(graph, inputs);

    /// <summary>Takes up what a graph states of its inputs and constants.</summary>
    internal void Enter(Graph graph)
    {
        foreach (var input in graph.Inputs)
            _facts.TryAdd(input, Declared(input));
        TakeConstants(graph);
    }

    /// <summary>Takes up a constant.</summary>
    internal void Take(Value constant) => _facts[constant] = Fact.Of(constant.Initializer!);

    /// <summary>Infers one node, which must be in its operator's current version, from the facts of what it takes.</summary>
    internal void Visit(Node node)
    {
        var inferred = Outputs(node);
        for (var i = 0; i < node.Outputs.Count; i++)
            if (node.Outputs[i] is { } output)
                _facts[output] = _trustDeclared ? FactLattice.Complete(inferred[i], Declared(output)) : inferred[i];
    }

    /// <summary>Infers a subgraph of a node that is being inferred.</summary>
    /// <param name="graph">The subgraph.</param>
    /// <param name="given">Its inputs.</param>
    /// <returns>Its outputs.</returns>
    internal IReadOnlyList<Fact> InferSubgraph(Graph graph, IReadOnlyList<Fact> given)
    {
        if (graph.Inputs.Count != given.Count)
            throw new InvalidModelException($"{graph.Owner?.Title}: the subgraph '{graph.Name}' has {graph.Inputs.Count} inputs where the node gives it {given.Count}.");
        if (++_nesting > MostNesting)
            throw new InvalidModelException($"{graph.Owner?.Title}: subgraphs are nested more than {MostNesting} deep.");
        for (var i = 0; i < given.Count; i++)
            _facts[graph.Inputs[i]] = _trustDeclared ? FactLattice.Complete(given[i], Declared(graph.Inputs[i])) : given[i];
        Walk(graph);
        _nesting--;
        return [.. graph.Outputs.Select(output => this[output])];
    }

    /// <summary>Infers the body of a loop until what it is given holds in every round.</summary>
    /// <param name="body">The body.</param>
    /// <param name="first">Its inputs in the first round.</param>
    /// <param name="next">From its outputs, the inputs of the round after.</param>
    /// <returns>Its outputs, as they are in every round.</returns>
    internal IReadOnlyList<Fact> InferLoop(Graph body, IReadOnlyList<Fact> first, Func<IReadOnlyList<Fact>, IReadOnlyList<Fact>> next)
    {
        // A loop around this one comes here once in each of its own rounds. What has settled before is taken up again, so that the
        // rounds of nested loops add up instead of multiplying.
        var given = _settled.TryGetValue(body, out var before) ? FactLattice.Join(before, first) : first;
        for (var round = 1; ; round++)
        {
            var outputs = InferSubgraph(body, given);
            var wider = FactLattice.Join(given, next(outputs));
            if (ReferenceEquals(wider, given))
            {
                _settled[body] = given;
                return outputs;
            }
            given = round < MostRounds ? wider : [.. wider.Select(_ => Fact.Unknown)];
        }
    }

    private GraphFacts Start(Graph graph, IReadOnlyDictionary<string, Fact>? inputs)
    {
        foreach (var input in graph.Inputs)
            _facts[input] = inputs?.GetValueOrDefault(input.Name) ?? Declared(input);
        Walk(graph);
        return this;
    }

    private static Fact Declared(Value value) => value.Type is { } type ? new() { Type = type } : Fact.Unknown;

    private IReadOnlyList<Fact> Outputs(Node node)
    {
        var nesting = _nesting;
        var inference = new Inference(node.Title, [.. node.Inputs.Select(value => value is null ? null : this[value])], node.Outputs.Count, this);
        try
        {
            if (OpTable.Find(node.Domain, node.OpType) is { } entry)
                entry.Read(node).Infer(inference);
            else if (UnknownOperators.IsRefused(node))
                throw new AnnealException($"{node.Title}: {OpTable.WhyNot(node.Domain, node.OpType)}");
            return inference.Outputs;
        }
        catch (AnnealException refusal) when (_refused is not null)
        {
            _nesting = nesting;
            _refused(node, refusal);
            return [.. Enumerable.Repeat(Fact.Unknown, node.Outputs.Count)];
        }
    }

    private void Walk(Graph graph)
    {
        TakeConstants(graph);
        foreach (var node in graph.Nodes)
            Visit(node);
    }

    private void TakeConstants(Graph graph)
    {
        foreach (var constant in graph.Initializers)
            if (!constant.IsInput)
                Take(constant);
    }
}
