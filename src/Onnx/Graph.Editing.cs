namespace Anneal.Onnx;

public sealed partial class Graph
{
    /// <summary>Appends an input.</summary>
    /// <exception cref="AnnealException">The name is taken.</exception>
    public Value AddInput(string name, OnnxType? type = null)
    {
        var value = Define(name);
        (value.Type, value.IsInput) = (type, true);
        _inputs.Add(value);
        return value;
    }

    /// <summary>Makes an initializer that is no input yet one that a caller can replace.</summary>
    public void MakeInput(Value value)
    {
        RequireOwn(value);
        if (value.IsInput)
            return;
        if (value.Producer is not null)
            throw new AnnealException($"'{value.Name}' is made by {value.Producer.Title} and cannot be an input.");
        value.IsInput = true;
        _inputs.Add(value);
    }

    /// <summary>Removes an input. One with an initializer stays as a constant; one without must be unused and is gone.</summary>
    /// <exception cref="AnnealException">The value is used and nothing else defines it.</exception>
    public void RemoveInput(Value value)
    {
        RequireOwn(value);
        if (value.Initializer is null && value.SparseInitializer is null)
            RequireUnused(value);
        value.IsInput = false;
        _inputs.RemoveAll(value);
        if (value.IsUndefined)
            Forget(value);
    }

    /// <summary>Appends an output.</summary>
    /// <exception cref="AnnealException">The value cannot be seen from this graph.</exception>
    public void AddOutput(Value value)
    {
        RequireVisible(value);
        _outputs.Add(value);
        value.AddOutputOf(this);
    }

    /// <summary>Gives another value as an output, under its own name.</summary>
    /// <exception cref="AnnealException">The value cannot be seen from this graph.</exception>
    public void SetOutput(int index, Value value)
    {
        RequireVisible(value);
        _outputs[index].RemoveOutputOf(this);
        _outputs.Replace(index, value);
        value.AddOutputOf(this);
    }

    /// <summary>Removes an output; the value stays.</summary>
    public void RemoveOutput(int index)
    {
        _outputs[index].RemoveOutputOf(this);
        _outputs.RemoveAt(index);
    }

    /// <summary>Adds a constant under the tensor's name.</summary>
    /// <exception cref="AnnealException">The name is taken.</exception>
    public Value AddInitializer(TensorData tensor)
    {
        var value = Define(tensor.Name);
        SetInitializer(value, tensor);
        return value;
    }

    /// <summary>Adds a sparse constant under the name of its values.</summary>
    /// <exception cref="AnnealException">The name is taken.</exception>
    public Value AddInitializer(SparseTensor tensor)
    {
        var value = Define(tensor.Name);
        value.SparseInitializer = tensor;
        _sparseInitializers.Add(value);
        return value;
    }

    /// <summary>
    /// Gives a value another constant, or, for an input, another default; null takes it away. Elements under another name are written
    /// under the value's.
    /// </summary>
    /// <exception cref="AnnealException">A node makes the value, or it is used and nothing else would define it.</exception>
    public void SetInitializer(Value value, TensorData? tensor)
    {
        RequireOwn(value);
        if (tensor is not null && value.Producer is not null)
            throw new AnnealException($"'{value.Name}' is made by {value.Producer.Title} and cannot be an initializer too.");
        if (tensor is null && !value.IsInput && value.Producer is null)
            RequireUnused(value);
        if (value.SparseInitializer is not null)
            _sparseInitializers.Remove(value);
        if (value.Initializer is null && tensor is not null)
            _initializers.Add(value);
        else if (value.Initializer is not null && tensor is null)
            _initializers.Remove(value);
        (value.Initializer, value.SparseInitializer) = (tensor, null);
        if (tensor is null && value.IsUndefined)
            Forget(value);
    }

    /// <summary>Appends a node.</summary>
    /// <param name="opType">The operator.</param>
    /// <param name="inputs">Its inputs; null for an optional one that is left out.</param>
    /// <param name="outputs">Names of its outputs, new in this graph; null or empty for one that is left out.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <exception cref="AnnealException">An input cannot be seen from this graph, or the name of an output is taken.</exception>
    public Node AddNode(string opType, IEnumerable<Value?> inputs, IEnumerable<string?> outputs, params IEnumerable<NodeAttribute> attributes) =>
        InsertNode(_nodes.Count, opType, inputs, outputs, attributes);

    /// <summary>Inserts a node so that it stands at an index of <see cref="Nodes"/>.</summary>
    /// <inheritdoc cref="AddNode"/>
    public Node InsertNode(int index, string opType, IEnumerable<Value?> inputs, IEnumerable<string?> outputs, params IEnumerable<NodeAttribute> attributes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)index, (uint)_nodes.Count, nameof(index));
        var node = new Node(this, opType);
        Value?[] taken = [.. inputs];
        string?[] made = [.. outputs];
        foreach (var input in taken.OfType<Value>())
            RequireVisible(input);
        foreach (var name in made)
            RequireFree(name, made);
        foreach (var attribute in attributes)
            node.SetAttribute(attribute);
        foreach (var input in taken)
            node.AddInput(input);
        foreach (var name in made)
            node.AddOutput(name);
        _nodes.Insert(index, node);
        return node;
    }

    /// <summary>Where a node stands in <see cref="Nodes"/>; -1 when it is no node of this graph.</summary>
    public int IndexOf(Node node) => node.Graph == this ? _nodes.IndexOf(node) : -1;

    /// <summary>Removes a node whose outputs nothing uses. It and its outputs cannot be used again.</summary>
    /// <exception cref="AnnealException">An output is still used.</exception>
    public void Remove(Node node)
    {
        var index = IndexOf(node);
        if (index < 0)
            throw new AnnealException($"{node.Title} is no node of graph '{Name}'.");
        foreach (var output in node.Outputs.OfType<Value>())
            RequireUnused(output);
        foreach (var output in node.Outputs.OfType<Value>())
            Forget(output);
        node.Detach();
        _nodes.RemoveAt(index);
    }

    /// <summary>Removes many nodes in one sweep, so that whole chains may go at once, in whatever order they stand; returns how many went.</summary>
    /// <exception cref="AnnealException">An output of a node is still used by one that stays, or is an output of a graph that stays; nothing was removed then.</exception>
    public int RemoveNodes(Predicate<Node> match)
    {
        var leaving = _nodes.Where(n => match(n)).ToHashSet();
        foreach (var output in leaving.SelectMany(n => n.Outputs).OfType<Value>())
            RequireUnusedOutside(leaving, output);
        foreach (var node in leaving)
        {
            foreach (var output in node.Outputs.OfType<Value>())
                Forget(output);
            node.Detach();
        }
        return _nodes.RemoveAll(leaving.Contains);
    }

    /// <summary>Puts constants in the place of nodes: the values that the nodes make become initializers.</summary>
    /// <param name="constants">For each node, a tensor for each of its outputs; what stands at an output left out is not used.</param>
    internal void MakeConstant(IReadOnlyDictionary<Node, IReadOnlyList<TensorData?>> constants)
    {
        foreach (var (node, tensors) in constants)
        {
            foreach (var (output, tensor) in node.Outputs.Zip(tensors))
                if (output is not null)
                    MakeConstant(output, tensor!);
            node.Detach();
        }
        _nodes.RemoveAll(constants.ContainsKey);
    }

    /// <summary>
    /// Makes everything that uses a value use another one: nodes here and in subgraphs, and graph outputs. A caller finds an output of the
    /// main graph by its name, so there the two values also exchange their names.
    /// </summary>
    /// <exception cref="AnnealException">
    /// The other value cannot be seen where the first is used, or the first is an output of the main graph and the other must keep its
    /// name, being an input, an initializer, or an output already: put an Identity node between them.
    /// </exception>
    public void ReplaceAllUses(Value value, Value replacement)
    {
        if (value == replacement)
            return;
        RequireOwn(value);
        RequireVisible(replacement);
        var namesMatter = value.OutputOf.Any(g => g.Owner is null);
        if (namesMatter && (replacement.Producer is null || replacement.IsOutput || replacement.Graph != this))
            throw new AnnealException($"'{value.Name}' is an output of graph '{Name}' and '{replacement.Name}' cannot take its name. Put an Identity node between them.");
        Redirect(value, replacement);
        if (namesMatter)
            ExchangeNames(value, replacement);
    }

    /// <summary>
    /// Makes the node that gives one value give another one instead, which keeps its name, type and uses and leaves the node that gave it so
    /// far. The first value is gone.
    /// </summary>
    internal void Supersede(Value made, Value kept)
    {
        RequireOwn(made);
        RequireOwn(kept);
        var (producer, index) = (made.Producer!, made.ProducerIndex);
        Redirect(made, kept);
        Forget(made);
        producer.TakeOutput(index, kept);
    }

    /// <summary>Puts the nodes into another order; those that are left out are gone, and nothing may use their outputs.</summary>
    internal void Arrange(IReadOnlyList<Node> order)
    {
        var staying = order.ToHashSet();
        var leaving = _nodes.Where(node => !staying.Contains(node)).ToList();
        leaving.ForEach(node => node.Detach());
        foreach (var output in leaving.SelectMany(node => node.Outputs).OfType<Value>())
        {
            RequireUnused(output);
            Forget(output);
        }
        _nodes.Clear();
        _nodes.AddRange(order);
    }

    /// <summary>Gives a value another name; annotations that name it follow.</summary>
    /// <exception cref="AnnealException">The name is taken here, around or below this graph.</exception>
    public void Rename(Value value, string name)
    {
        RequireOwn(value);
        if (value.Name == name)
            return;
        if (name.Length == 0 || IsTaken(name))
            throw new AnnealException($"'{value.Name}' cannot be renamed to '{name}': {(name.Length == 0 ? "a value needs a name" : "the name is taken")}.");
        _values.Remove(value.Name);
        RenameInAnnotations(value.Name, name);
        value.Name = name;
        _values.Add(name, value);
    }

    /// <summary>Adds a value, or finds the one that a file has named already.</summary>
    internal Value FindOrDefine(string name) => _values.TryGetValue(name, out var value) ? value : Define(name);

    /// <summary>Adds an input of a file; an initializer of the same name may have come before.</summary>
    internal void DefineInput(Value value)
    {
        value.IsInput = true;
        _inputs.Add(value);
    }

    internal void DefineInitializer(Value value, TensorData tensor)
    {
        value.Initializer = tensor;
        _initializers.Add(value);
    }

    internal void DefineInitializer(Value value, SparseTensor tensor)
    {
        value.SparseInitializer = tensor;
        _sparseInitializers.Add(value);
    }

    /// <summary>Appends a node of a file, before its inputs are known.</summary>
    internal Node DefineNode(string opType)
    {
        var node = new Node(this, opType);
        _nodes.Add(node);
        return node;
    }

    /// <summary>Adds the value that a node makes; a description in the file may have named it before.</summary>
    internal Value DefineOutput(Node node, string name)
    {
        var value = Find(name) is { IsUndefined: true } named ? named : Define(name);
        value.Producer = node;
        return value;
    }

    /// <summary>Ends every use that this graph makes of values, its own and captured ones.</summary>
    internal void Detach()
    {
        foreach (var output in _outputs)
            output.RemoveOutputOf(this);
        foreach (var node in _nodes)
            node.Detach();
    }

    private Value Define(string name)
    {
        if (name.Length == 0)
            throw new AnnealException($"Graph '{Name}': a value needs a name.");
        var value = new Value(this, name);
        return _values.TryAdd(name, value) ? value : throw new AnnealException($"Graph '{Name}' has a value '{name}' already: {Origin(_values[name])}.");
    }

    private void Forget(Value value)
    {
        _values.Remove(value.Name);
        _described.RemoveAll(value);
        value.Graph = null;
    }

    private static void Redirect(Value value, Value replacement)
    {
        foreach (var use in value.Uses.ToArray())
            use.Node.SetInput(use.Index, replacement);
        foreach (var graph in value.OutputOf.ToArray())
            for (var i = 0; i < graph._outputs.Count; i++)
                if (graph._outputs[i] == value)
                    graph.SetOutput(i, replacement);
    }

    private void MakeConstant(Value value, TensorData tensor)
    {
        // The tensor says its type exactly; what the file declared of the value says less.
        (value.Producer, value.Type) = (null, value.IsOutput ? value.Type : null);
        _described.RemoveAll(value);
        DefineInitializer(value, tensor);
    }

    private void ExchangeNames(Value a, Value b)
    {
        (a.Name, b.Name) = (b.Name, a.Name);
        (_values[a.Name], _values[b.Name]) = (a, b);
    }

    private void RenameInAnnotations(string from, string to)
    {
        foreach (var annotation in QuantizationAnnotations)
        {
            if (annotation.TensorName == from)
                annotation.TensorName = to;
            foreach (var parameter in annotation.Parameters.Where(p => p.Value == from).ToArray())
                annotation.Parameters[parameter.Key] = to;
        }
        foreach (var spec in SelfAndSubgraphs().SelectMany(g => g._nodes).SelectMany(n => n.DeviceConfigurations).SelectMany(c => c.Sharding))
            if (spec.TensorName == from)
                spec.TensorName = to;
    }

    private void RequireOwn(Value value)
    {
        if (value.Graph != this)
            throw new AnnealException($"'{value.Name}' is no value of graph '{Name}'.");
    }

    private void RequireVisible(Value value)
    {
        if (!Sees(value))
            throw new AnnealException($"Graph '{Name}' cannot use '{value.Name}': it belongs to no graph around it.");
    }

    private void RequireFree(string? name, string?[] made)
    {
        if (!string.IsNullOrEmpty(name) && (_values.ContainsKey(name) || made.Count(m => m == name) > 1))
            throw new AnnealException($"Graph '{Name}' has a value '{name}' already, or the node makes it twice. {nameof(UniqueName)} finds a free name.");
    }

    private static void RequireUnused(Value value)
    {
        if (value.Uses.Count > 0)
            throw new AnnealException($"'{value.Name}' is still used by {value.Uses[0].Node.Title} and cannot be removed. Replace its uses first.");
        if (value.IsOutput)
            throw new AnnealException($"'{value.Name}' is still an output of graph '{value.OutputOf[0].Name}' and cannot be removed.");
    }

    private static void RequireUnusedOutside(HashSet<Node> leaving, Value value)
    {
        foreach (var use in value.Uses)
            if (!IsInside(leaving, use.Node))
                throw new AnnealException($"'{value.Name}' is still used by {use.Node.Title} and cannot be removed. Replace its uses first.");
        foreach (var graph in value.OutputOf)
            if (graph.Owner is not { } owner || !IsInside(leaving, owner))
                throw new AnnealException($"'{value.Name}' is still an output of graph '{graph.Name}' and cannot be removed.");
    }

    private static bool IsInside(HashSet<Node> leaving, Node node)
    {
        for (var around = node; around is not null; around = around.Graph?.Owner)
            if (leaving.Contains(around))
                return true;
        return false;
    }

    private static string Origin(Value value) => value switch
    {
        { Producer: { } node } => $"{node.Title} makes it",
        { IsInput: true } => "it is an input",
        { IsUndefined: true } => "something uses it",
        _ => "it is an initializer",
    };
}
