namespace Anneal.Onnx.Ops;

/// <summary>What an operator sees while its arithmetic is counted: how large its inputs and outputs are.</summary>
/// <param name="node">The node.</param>
/// <param name="facts">What is known of every value.</param>
internal sealed class CostFacts(Node node, GraphFacts facts)
{
    /// <summary>How many inputs the node lists, those left out included.</summary>
    public int InputCount => node.Inputs.Count;

    /// <summary>Whether an input is there.</summary>
    public bool Has(int input) => node.Input(input) is not null;

    /// <summary>The shape of an input.</summary>
    public Shape? Shape(int input) => node.Input(input) is { } value ? facts[value].Shape : null;

    /// <summary>The shape of an output.</summary>
    public Shape? OutputShape(int output) => node.Output(output) is { } value ? facts[value].Shape : null;

    /// <summary>The numbers in an input, or null when they are not all known.</summary>
    public IReadOnlyList<long>? Ints(int input) => node.Input(input) is { } value ? facts[value].Ints : null;

    /// <summary>How many elements an input has.</summary>
    public double? Elements(int input) => Elements(Shape(input));

    /// <summary>How many elements an output has.</summary>
    public double? OutputElements(int output = 0) => Elements(OutputShape(output));

    /// <summary>One extent of an input; negative axes count from the end.</summary>
    public double? Extent(int input, int axis) => Shape(input) is { } shape && Math.Abs((2 * axis) + 1) < 2 * shape.Rank
        ? Number(shape[axis < 0 ? axis + shape.Rank : axis])
        : null;

    /// <summary>So many operations for each element of the first output.</summary>
    public Cost ForEachOutput(double operations = 1) => Cost.Of(operations * OutputElements());

    /// <summary>So many operations for each element of an input.</summary>
    public Cost ForEachInput(int input = 0, double operations = 1) => Cost.Of(operations * Elements(input));

    /// <summary>The cost of one run of a subgraph.</summary>
    public Cost Of(Graph subgraph) => GraphCost.Sum(subgraph, facts);

    /// <summary>How many elements a shape has, as far as it is known.</summary>
    public static double? Elements(Shape? shape) => shape?.Aggregate((double?)1, (product, dim) => product * Number(dim));

    private static double? Number(Dim dim) => dim is { IsKnown: true, Value: >= 0 } ? dim.Value : null;
}
