using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes;

/// <summary>
/// Writes down what is known of each value before anything runs: element types and shapes of what nodes make, in the main graph and its
/// subgraphs. Operators are taken in their current version; upgrade an older model first.
/// <list type="number">
/// <item>A value without a type gets the inferred one.</item>
/// <item>A declared type is made more exact: an extent becomes a symbol or a number, a symbol becomes a number, never the other way round.</item>
/// <item>An inner value whose declared shape contradicts the inferred one gets the inferred one: nobody was promised the other.</item>
/// <item>An output that contradicts its declaration is an error, and so is an element type that does, of any value.</item>
/// </list>
/// Inputs, and bodies of functions, of which only a call tells the types, keep what they state.
/// </summary>
public sealed class InferShapes : IPass
{
    /// <inheritdoc/>
    public string Name => "infer-shapes";

    /// <inheritdoc/>
    /// <exception cref="AnnealException">A node does not fit its inputs, or rule 4.</exception>
    public bool Run(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var facts = GraphFacts.Infer(model.Graph);
        var changed = false;
        foreach (var node in model.Graph.SelfAndSubgraphs().SelectMany(graph => graph.Nodes))
            foreach (var output in node.Outputs)
                changed |= output is not null && Write(output, facts[output].Type);
        return changed;
    }

    private static bool Write(Value value, OnnxType? inferred)
    {
        if (inferred is null or TensorType { ElementType: DType.Undefined })
            return false;
        var refined = value.Type switch
        {
            null => inferred,
            TensorType declared when inferred is TensorType tensor => Refine(value, declared, tensor),
            var other => other,
        };
        if (refined.Equals(value.Type))
            return false;
        value.Type = refined;
        return true;
    }

    private static TensorType Refine(Value value, TensorType declared, TensorType inferred)
    {
        if (declared.ElementType != DType.Undefined && declared.ElementType != inferred.ElementType)
            throw Contradiction(value, declared, inferred);
        if (declared.Shape is null || inferred.Shape is null)
            return declared with { ElementType = inferred.ElementType, Shape = declared.Shape ?? inferred.Shape };
        if (Agree(declared.Shape, inferred.Shape))
            return declared with { ElementType = inferred.ElementType, Shape = Refine(declared.Shape, inferred.Shape) };
        return value.IsOutput ? throw Contradiction(value, declared, inferred) : declared with { ElementType = inferred.ElementType, Shape = inferred.Shape };
    }

    /// <summary>Rule 2.</summary>
    private static Shape Refine(Shape declared, Shape inferred)
    {
        var refined = new Shape([.. declared.Zip(inferred, (old, found) => Rank(found) > Rank(old) ? found : old)]) { Trace = declared.Trace };
        return refined.Equals(declared) ? declared : refined;
    }

    /// <summary>How much an extent says. A negative number in a file says nothing.</summary>
    private static int Rank(Dim dim) => IsNumber(dim) ? 2 : dim.Symbol is null ? 0 : 1;

    private static bool Agree(Shape declared, Shape inferred) =>
        declared.Rank == inferred.Rank && declared.Zip(inferred).All(pair => !IsNumber(pair.First) || !IsNumber(pair.Second) || pair.First == pair.Second);

    private static bool IsNumber(Dim dim) => dim is { IsKnown: true, Value: >= 0 };

    private static ShapeMismatchException Contradiction(Value value, TensorType declared, TensorType inferred) => new(
        $"{value.Producer!.Title}: '{value.Name}' is declared as {declared}, and what the node makes is {inferred}. Correct the declaration, or the inputs' types that it was worked out from.");
}
