using Anneal.Onnx.Ops;

namespace Anneal.Onnx;

/// <summary>
/// Writes a model as a sentence: inputs, weights, operators applied to values, outputs. Types and shapes are inferred with each call, so that
/// a mistake throws where it is made and names the node. Every name is distinct in the whole model.
/// <code>
/// var builder = new GraphBuilder("tiny");
/// var x = builder.Input("x", DType.Float32, new("N", 3, 224, 224));
/// var w = builder.Weight("conv.weight", weight);
/// var y = builder.Apply(new Conv { Window = new() { Strides = [2, 2] } }, x, w);
/// builder.Output("y", builder.Elementwise("Relu", y));
/// var model = builder.Build();
/// </code>
/// </summary>
public sealed class GraphBuilder
{
    /// <summary>The operator set that is written when none is asked for: old enough for every runtime of today.</summary>
    public const long DefaultOpset = 21;

    private readonly Graph _graph;
    private readonly ModelInProgress _model;
    private readonly bool _isMain;
    private bool _isWaiting;

    /// <summary>A builder of an empty model.</summary>
    /// <param name="name">The name of the graph.</param>
    /// <param name="opset">The version of ONNX's operator set that is written: 18 to the newest of which this library knows an operator.</param>
    /// <exception cref="AnnealException">The operator set is older or newer.</exception>
    public GraphBuilder(string name, long opset = DefaultOpset)
    {
        if (opset < WritableSince.Oldest || opset > WritableSince.Newest)
            throw new AnnealException($"Graph '{name}': operator set {opset} is not written; {WritableSince.Oldest} to {WritableSince.Newest} are.");
        (_graph, _model, _isMain) = (new(name), new(opset), true);
    }

    private GraphBuilder(Graph subgraph, ModelInProgress model) => (_graph, _model) = (subgraph, model);

    /// <summary>The version of ONNX's operator set that is written.</summary>
    public long Opset => _model.Opset;

    /// <summary>What is known of the values written so far.</summary>
    public GraphFacts Facts => _model.Facts;

    /// <summary>Puts a prefix before the names of the nodes and values that are written until it is disposed: <c>layer1.0</c> makes <c>layer1.0/conv</c>.</summary>
    public IDisposable Scope(string name) => _model.Names.Enter(name);

    /// <summary>An input of the graph under exactly this name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="dtype">The element type.</param>
    /// <param name="shape">The shape; <c>new("N", 3, 224, 224)</c> leaves the batch open. Null leaves even the rank open.</param>
    /// <exception cref="AnnealException">The name is taken.</exception>
    public Value Input(string name, DType dtype, Shape? shape = null) => Input(_model.Names.Claim(name), new TensorType(dtype, shape));

    /// <summary>A constant under exactly this name, whatever the scope: a weight keeps its name from load to save.</summary>
    /// <exception cref="AnnealException">The name is taken.</exception>
    public Value Weight(string name, TensorData tensor) => AddConstant(_model.Names.Claim(name), tensor);

    /// <summary>A constant under the scope and its own name, or another like it.</summary>
    public Value Constant(TensorData tensor) => AddConstant(_model.Names.Claim(_model.Names.Free(tensor.Name.Length > 0 ? tensor.Name : "constant")), tensor);

    /// <summary>A constant without axes.</summary>
    public Value Scalar<T>(T value) where T : unmanaged => Constant(TensorData.Scalar("scalar", value));

    /// <summary>A constant int64 vector: a shape, axes, lengths.</summary>
    public Value Ints(params ReadOnlySpan<long> values) => Constant(TensorData.Create("ints", values.ToArray(), values.Length));

    /// <summary>Applies an operator and gives its first output.</summary>
    /// <param name="op">The operator with its attributes.</param>
    /// <param name="inputs">Its inputs; null for one that is left out.</param>
    /// <exception cref="AnnealException">The inputs do not fit the operator, or the operator set is too old for it; the message names the node.</exception>
    public Value Apply(Op op, params IReadOnlyList<Value?> inputs) => Add(op, inputs).Outputs[0]!;

    /// <summary>Applies an operator under names of the caller's and gives the node.</summary>
    /// <param name="op">The operator with its attributes.</param>
    /// <param name="inputs">Its inputs; null for one that is left out.</param>
    /// <param name="name">The node's name inside the scope, with a number when it is taken; null makes one of the operator.</param>
    /// <param name="outputs">
    /// Names of the outputs, used as they are; null or empty for one that is left out. Null for the whole list means one output with the node's
    /// name.
    /// </param>
    /// <exception cref="AnnealException">As for <see cref="Apply"/>; or the name of an output is taken.</exception>
    public Node Add(Op op, IReadOnlyList<Value?> inputs, string? name = null, IReadOnlyList<string?>? outputs = null)
    {
        ArgumentNullException.ThrowIfNull(op);
        ArgumentNullException.ThrowIfNull(inputs);
        var nodeName = _model.Names.Free(name ?? NameOf(op.Name));
        return Append(op, inputs, nodeName, outputs ?? [nodeName]);
    }

    /// <summary>Applies an operator with several outputs and gives them all; the first is named as the node.</summary>
    /// <param name="outputs">How many outputs.</param>
    /// <param name="op">The operator with its attributes.</param>
    /// <param name="inputs">Its inputs; null for one that is left out.</param>
    /// <exception cref="AnnealException">As for <see cref="Apply"/>.</exception>
    public IReadOnlyList<Value> ApplyMany(int outputs, Op op, params IReadOnlyList<Value?> inputs)
    {
        ArgumentNullException.ThrowIfNull(op);
        ArgumentNullException.ThrowIfNull(inputs);
        var names = _model.Names.Free(NameOf(op.Name), outputs);
        return [.. Append(op, inputs, names[0], names).Outputs.OfType<Value>()];
    }

    /// <summary>Applies one of the operators that work element by element and have no attributes: <c>Add</c>, <c>Relu</c>, <c>Greater</c>.</summary>
    /// <exception cref="AnnealException">There is no such operator; or as for <see cref="Apply"/>.</exception>
    public Value Elementwise(string name, params IReadOnlyList<Value?> inputs) => OpTable.Find("", name)?.Blank is Elementwise op
        ? Apply(op, inputs)
        : throw new AnnealException($"{name} is no operator that works element by element without attributes.");

    /// <summary>Gives the elements another shape: extents, 0 for that of x, once -1 for what remains.</summary>
    /// <exception cref="AnnealException">As for <see cref="Apply"/>.</exception>
    public Value Reshape(Value x, params ReadOnlySpan<long> shape) => Apply(new Reshape(), x, Ints(shape));

    /// <summary>Calls a function of the model, or an operator that this library does not know.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="name">The function's or operator's name.</param>
    /// <param name="inputs">The inputs; null for one that is left out.</param>
    /// <param name="types">For each output its type; null when it is not known.</param>
    /// <param name="attributes">The attributes.</param>
    /// <exception cref="AnnealException">The operator is known: then <see cref="Apply"/> calls it.</exception>
    public IReadOnlyList<Value> Call(string domain, string name, IReadOnlyList<Value?> inputs, IReadOnlyList<OnnxType?> types, params IEnumerable<NodeAttribute> attributes)
    {
        ArgumentNullException.ThrowIfNull(types);
        if (OpTable.Find(domain, name) is not null)
            throw new AnnealException($"{name} is an operator that this library knows; {nameof(Apply)} calls it.");
        var names = _model.Names.Free(NameOf(name), types.Count);
        RequireTurn();
        RequireVisible($"{name} '{names[0]}'", inputs);
        var node = _graph.AddNode(name, inputs, Claimed(names), attributes);
        (node.Domain, node.Name) = (domain, names[0]);
        Describe(node, [.. types.Select(type => new Fact { Type = type })]);
        _model.Domains.Add(domain);
        return [.. node.Outputs.OfType<Value>()];
    }

    /// <summary>Adds a function that <see cref="Call"/> can call.</summary>
    public void Define(Function function) => _model.Functions.Add(function);

    /// <summary>One of two subgraphs, as a condition says. Each is written by a function that is given a builder and returns the subgraph's outputs.</summary>
    /// <param name="condition">A bool of one element.</param>
    /// <param name="thenBranch">Writes what is run when the condition holds; values around it may be used.</param>
    /// <param name="elseBranch">Writes what is run otherwise, with as many outputs.</param>
    /// <exception cref="AnnealException">The branches differ in their number of outputs; or as for <see cref="Apply"/>.</exception>
    public IReadOnlyList<Value> If(Value condition, Func<GraphBuilder, IReadOnlyList<Value>> thenBranch, Func<GraphBuilder, IReadOnlyList<Value>> elseBranch) =>
        AppendWithSubgraphs("If", [condition], node =>
        {
            var outputs = Write(node, "then_branch", thenBranch).Count;
            Write(node, "else_branch", elseBranch);
            return outputs;
        });

    /// <summary>A subgraph run again and again. The result is the carried values after the last round, then the stacked ones.</summary>
    /// <param name="most">The most rounds, an int64 scalar; null for no limit.</param>
    /// <param name="condition">Whether there is a first round, a bool scalar; null for yes.</param>
    /// <param name="carried">The values carried from round to round, as they are before the first.</param>
    /// <param name="body">Writes one round; values around it may be used.</param>
    /// <param name="types">The types that carried values have in every round; null when they are those they have before the first.</param>
    /// <exception cref="AnnealException">A carried value leaves a round as something that it may not come in as; or as for <see cref="Apply"/>.</exception>
    public IReadOnlyList<Value> Loop(Value? most, Value? condition, IReadOnlyList<Value> carried, Func<GraphBuilder, LoopRound, LoopResult> body, IReadOnlyList<OnnxType?>? types = null)
    {
        ArgumentNullException.ThrowIfNull(carried);
        return AppendWithSubgraphs("Loop", [most, condition, .. carried], node => WriteRound(node, types ?? [.. carried.Select(value => Facts[value].Type)], body));
    }

    /// <summary>Gives a value as an output of the graph, under its own name.</summary>
    /// <exception cref="AnnealException">The value belongs to another graph, or is an output already.</exception>
    public void Output(Value value)
    {
        ArgumentNullException.ThrowIfNull(value);
        RequireTurn();
        if (value.OutputOf.Contains(_graph))
            throw new AnnealException($"'{value.Name}' is an output of graph '{_graph.Name}' already.");
        _graph.AddOutput(value);
    }

    /// <summary>Gives a value as an output of the graph under a name: the value takes it, or, where it must keep its own, an Identity node makes another.</summary>
    /// <exception cref="AnnealException">The name is taken; or as for <see cref="Output(Value)"/>.</exception>
    public Value Output(string name, Value value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var mustKeep = value.Producer is null || value.IsOutput || value.Graph != _graph;
        if (value.Name != name && mustKeep)
            value = Append(new Identity(), [value], name, [name]).Outputs[0]!;
        else if (value.Name != name)
            _graph.Rename(value, _model.Names.Claim(name));
        Output(value);
        return value;
    }

    /// <summary>The model, checked: the graph, its operator sets, and the IR version that belongs to them.</summary>
    /// <exception cref="AnnealException">
    /// The graph has no outputs or one of unknown type, breaks a rule of ONNX (see <see cref="Checker"/>), or this is the builder of a subgraph.
    /// </exception>
    public Model Build()
    {
        RequireComplete();
        if (_graph.Outputs.FirstOrDefault(output => output.Type is null) is { } output)
            throw new AnnealException($"Output '{output.Name}' of graph '{_graph.Name}' has no type that could be inferred. Give it one: Type of the value.");
        return _model.Build(_graph);
    }

    /// <summary>What was written as a function that <see cref="Call"/> calls by this domain and name. It can have no weights, so constants are operators in it.</summary>
    /// <exception cref="AnnealException">The graph has no outputs or has weights, or this is the builder of a subgraph.</exception>
    public Function BuildFunction(string domain, string name)
    {
        RequireComplete();
        if (_graph.Initializers.Count > 0)
            throw new AnnealException($"Function {domain}.{name} cannot have the weight '{_graph.Initializers[0].Name}'; apply {nameof(Ops.Constant)} instead.");
        var function = new Function(domain, name, _graph);
        _model.AddSets(function.OperatorSets);
        return function;
    }

    private Value AddInput(string name, OnnxType? type) => Input(_model.Names.Claim(_model.Names.Free(name)), type);

    private Value Input(string name, OnnxType? type)
    {
        RequireTurn();
        var value = _graph.AddInput(name, type);
        Facts.Tell(value, new() { Type = type });
        return value;
    }

    private Value AddConstant(string name, TensorData tensor)
    {
        var value = _graph.AddInitializer(tensor.WithName(name));
        Facts.Tell(value, Fact.Of(value.Initializer!));
        return value;
    }

    private void Describe(Node node, IReadOnlyList<Fact> facts)
    {
        for (var i = 0; i < node.Outputs.Count; i++)
            if (node.Outputs[i] is { } output)
            {
                Facts.Tell(output, facts[i]);
                output.Type = facts[i].Type is TensorType { ElementType: DType.Undefined } ? null : facts[i].Type;
            }
    }

    private Node Append(Op op, IReadOnlyList<Value?> inputs, string name, IReadOnlyList<string?> outputs)
    {
        RequireTurn();
        var title = $"{op.Name} '{name}'";
        _model.RequireWritable(op, title, inputs, outputs.Count);
        RequireVisible(title, inputs);
        var facts = Facts.Infer(op, title, inputs, outputs.Count);
        var node = _graph.AddNode(op.Name, inputs, Claimed(outputs, name), op.ToAttributes());
        (node.Domain, node.Name) = (op.Domain, name);
        Describe(node, facts);
        if (op.Domain.Length > 0)
            _model.Domains.Add(op.Domain);
        return node;
    }

    /// <summary>Adds a node, then its subgraphs, which can see values around them only from inside it, then the outputs; all or nothing.</summary>
    private List<Value> AppendWithSubgraphs(string opType, IReadOnlyList<Value?> inputs, Func<Node, int> write)
    {
        RequireTurn();
        var name = _model.Names.Claim(_model.Names.Free(NameOf(opType)));
        RequireVisible($"{opType} '{name}'", inputs);
        var node = _graph.AddNode(opType, inputs, []);
        node.Name = name;
        try
        {
            var count = write(node);
            var facts = Facts.Infer(OpTable.Find("", opType)!.Read(node), node.Title, inputs, count);
            for (var i = 0; i < count; i++)
                node.AddOutput(i == 0 ? name : _model.Names.Claim(_model.Names.Free(NameOf(opType))));
            Describe(node, facts);
            return [.. node.Outputs.OfType<Value>()];
        }
        catch
        {
            _graph.Remove(node);
            throw;
        }
    }

    private IReadOnlyList<Value> Write(Node node, string attribute, Func<GraphBuilder, IReadOnlyList<Value>> write)
    {
        var builder = new GraphBuilder(node.AddSubgraph(attribute, $"{node.Name}/{attribute}"), _model);
        _isWaiting = true;
        try
        {
            using var scope = _model.Names.EnterExactly($"{node.Name}/{attribute}");
            foreach (var result in write(builder))
                builder.Output(builder.Owned(result));
            return builder._graph.Outputs;
        }
        finally
        {
            _isWaiting = false;
        }
    }

    /// <summary>A subgraph gives values of its own only, and each once.</summary>
    private Value Owned(Value value) => value.Graph == _graph && !value.IsOutput ? value : Apply(new Identity(), value);

    private int WriteRound(Node node, IReadOnlyList<OnnxType?> types, Func<GraphBuilder, LoopRound, LoopResult> body)
    {
        var carried = new List<Value>();
        var outputs = Write(node, "body", builder =>
        {
            var number = builder.AddInput("round", new TensorType(DType.Int64, Shape.Scalar));
            var goesOn = builder.AddInput("goes_on", new TensorType(DType.Bool, Shape.Scalar));
            carried.AddRange(types.Select(type => builder.AddInput("carried", type)));
            var result = body(builder, new(number, goesOn, carried));
            if (result.Carried.Count != carried.Count)
                throw new AnnealException($"{node.Title} carries {carried.Count} values into a round and {result.Carried.Count} out of it.");
            return [result.GoesOn, .. result.Carried, .. result.Stacked];
        });
        for (var i = 0; i < carried.Count; i++)
            RequireCarries(node, i, carried[i], outputs[i + 1]);
        return outputs.Count - 1;
    }

    private void RequireCarries(Node node, int index, Value given, Value result)
    {
        var before = new Fact { Type = Facts[given].Type };
        var joined = FactLattice.Join(before, new Fact { Type = Facts[result].Type });
        if (!ReferenceEquals(joined, before))
            throw new ShapeMismatchException($"{node.Title}: carried value {index} comes into a round as {before.Type} and leaves it as {Facts[result].Type?.ToString() ?? "something unknown"}. State a type that holds in every round.");
    }

    /// <summary>Takes the names of a node and its outputs, of which one may be called as the node is.</summary>
    private string?[] Claimed(IReadOnlyList<string?> outputs, string? node = null)
    {
        if (node is not null && !outputs.Contains(node))
            _model.Names.Claim(node);
        return [.. outputs.Select(name => string.IsNullOrEmpty(name) ? null : _model.Names.Claim(name))];
    }

    private void RequireComplete()
    {
        RequireTurn();
        if (!_isMain || _graph.Outputs.Count == 0)
            throw new AnnealException(_isMain ? $"Graph '{_graph.Name}' has no outputs." : $"'{_graph.Name}' is a subgraph and no model of its own.");
    }

    private void RequireVisible(string title, IReadOnlyList<Value?> inputs)
    {
        foreach (var input in inputs)
            if (input is not null && !_graph.Sees(input))
                throw new AnnealException($"{title} cannot take '{input.Name}': it belongs to no graph around '{_graph.Name}'.");
    }

    private void RequireTurn()
    {
        if (_isWaiting)
            throw new AnnealException($"A subgraph of graph '{_graph.Name}' is being written: until it is done, use the builder that its function is given.");
    }

    /// <summary>GlobalAveragePool becomes global_average_pool; runs of capitals stay together: LRN becomes lrn.</summary>
    private static string NameOf(string opType) => string.Concat(opType.Select((letter, i) =>
        i > 0 && char.IsUpper(letter) && !char.IsUpper(opType[i - 1]) ? $"_{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
}
