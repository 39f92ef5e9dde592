using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes.Decompositions;

/// <summary>
/// The nodes that take the place of one. They are made at the end of its graph; <see cref="Decompose"/> puts them where the node stands. All operators
/// written here are those of version 18 or later, with nothing in them that changed since but the types they allow.
/// </summary>
internal sealed class Replacement(Node node, GraphFacts facts, FreeNames values, FreeNames nodes)
{
    private readonly string _scope = node.Name.Length > 0 ? node.Name : node.Outputs.OfType<Value>().FirstOrDefault()?.Name ?? node.OpType;
    private readonly List<Node> _written = [];
    private readonly HashSet<Value> _given = [];

    public Node Node => node;

    public IReadOnlyList<Node> Written => _written;

    /// <summary>The node's attributes.</summary>
    public TOp Read<TOp>() where TOp : Op => (TOp)OpTable.Find(node.Domain, node.OpType)!.Read(node);

    public bool Has(int input) => node.Input(input) is not null;

    public bool Gives(int output) => node.Output(output) is not null;

    /// <summary>An input that the operator requires.</summary>
    public Value Input(int index) => node.Input(index) ?? throw new InvalidModelException($"{node.Title} leaves out input {index}, which {node.OpType} requires.");

    public DType DType(int input) => facts[Input(input)].DType;

    public Shape? Shape(int input) => facts[Input(input)].Shape;

    /// <summary>The extents of an input that is known to have so many axes, else unknown ones.</summary>
    public Shape Extents(int input, int rank) => Shape(input) is { } shape && shape.Rank == rank ? shape : Elements.AnyOfRank(rank);

    public InvalidModelException TooLittle(string what) =>
        new($"{node.Title} cannot be rewritten: {what} is not known. State it in the graph (as type of the input), and the types of the graph's inputs.");

    /// <summary>Adds a node of one output.</summary>
    public Value Add(string part, string opType, IEnumerable<Value?> inputs, params IEnumerable<NodeAttribute> attributes)
    {
        var added = node.Graph!.AddNode(opType, inputs, [values.Take($"{_scope}/{part}")], attributes);
        added.Name = nodes.Take($"{_scope}/{part}");
        _written.Add(added);
        return added.Outputs[0]!;
    }

    /// <summary>Adds a node of two outputs.</summary>
    public (Value, Value) AddTwo(string part, string opType, IEnumerable<Value?> inputs, params IEnumerable<NodeAttribute> attributes)
    {
        var added = node.Graph!.AddNode(opType, inputs, [values.Take($"{_scope}/{part}_0"), values.Take($"{_scope}/{part}_1")], attributes);
        added.Name = nodes.Take($"{_scope}/{part}");
        _written.Add(added);
        return (added.Outputs[0]!, added.Outputs[1]!);
    }

    /// <summary>A list of integers.</summary>
    public Value Ints(params long[] numbers) => Constant(TensorData.Create("", numbers, numbers.Length));

    public Value Scalar(long number) => Constant(TensorData.Scalar("", number));

    public Value Scalar(float number) => Constant(TensorData.Scalar("", number));

    /// <summary>A scalar of the element type of an input.</summary>
    public Value ScalarLike(int input, double number) => DType(input) switch
    {
        Onnx.DType.Float32 => Constant(TensorData.Scalar("", (float)number)),
        Onnx.DType.Double => Constant(TensorData.Scalar("", number)),
        _ => Add("like", "CastLike", [Scalar((float)number), Input(input)]),
    };

    /// <summary>A list of one number, the extent of a value along an axis; a constant when it is known.</summary>
    public Value Extent(Value value, int axis, Dim known = default) => known.IsKnown
        ? Ints(known.Value)
        : Add("extent", "Shape", [value], NodeAttribute.Of("start", axis), NodeAttribute.Of("end", axis + 1));

    /// <summary>0, 1, 2 … up to a count, which is a list of one number.</summary>
    public Value Count(string part, Value count) => Add(part, "Range", [Scalar(0L), Add("count", "Squeeze", [count]), Scalar(1L)]);

    /// <summary>Makes the node's output what a value is.</summary>
    public void Give(int index, Value value)
    {
        if (node.Output(index) is not { } output)
            return;
        // What an input is, or what was given already, has a name of its own.
        var isOwn = value.Producer is { } producer && _written.Contains(producer) && !_given.Contains(value);
        var made = isOwn ? value : Add("given", "Identity", [value]);
        node.Graph!.Supersede(made, output);
        _given.Add(output);
    }

    private Value Constant(TensorData tensor) => Add("constant", "Constant", [], NodeAttribute.Of("value", tensor));
}
