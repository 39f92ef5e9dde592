using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes;

/// <summary>
/// Frees a batch that is hard-coded as 1: a model that takes one picture takes any number, and gives for each what it gave for it alone. It is all
/// or nothing: unless every node on the way is proven to treat each picture alone, the model stays as it is and the error names the node.
/// <list type="number">
/// <item>The first axis of every input whose first extent is 1 becomes <c>N</c>. Inputs with another first extent, none, or a default are the same for
/// all pictures; with an open one, they are not understood.</item>
/// <item>A Reshape to a constant shape gets 0 in place of the extent 1 where the pictures lie at that axis of its input, or else -1.</item>
/// <item>Types that the file states for values with pictures, outputs among them, get <c>N</c> in the place of the batch.</item>
/// </list>
/// How pictures move through operators is written in BatchRules; shapes computed from the batch resolve by inference. Every operator must be in its
/// current version.
/// </summary>
public sealed class FreeBatch : IPass
{
    private const long LastWithoutConstants = 3;

    /// <inheritdoc/>
    public string Name => "free-batch";

    /// <inheritdoc/>
    /// <exception cref="AnnealException">The batch is 1 and cannot be freed; the message names the node and says why. The model is as it was.</exception>
    public bool Run(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Value[] fixedInputs = [.. model.Graph.RequiredInputs.Where(input => Shape(input) is { Rank: > 0 } shape && shape[0] == 1)];
        if (fixedInputs.Length == 0)
            return false;
        RequireUnderstood(model);
        var batch = Dim.Named(FreeSymbol(model.Graph));
        var walk = new BatchWalk(model.Graph, GraphFacts.Infer(model.Graph, Defaults(model)), batch);
        foreach (var input in fixedInputs)
            walk.Open(input);
        walk.Run();
        Apply(walk, batch);
        return true;
    }

    private static void RequireUnderstood(Model model)
    {
        if (model.FirstOlderNode() is { } older)
            throw new AnnealException($"The batch cannot be freed: {older.Title} comes from an older version of its operator set ({model.OperatorSets}). Upgrade the model first.");
        foreach (var input in model.Graph.RequiredInputs)
            if (Shape(input) is not { } shape || (shape.Rank > 0 && !shape[0].IsKnown))
                throw new AnnealException($"The batch cannot be freed: it is 1 in one input, and open or unknown in input '{input}'.");
    }

    /// <summary>Until IR version 3, every initializer had to be listed as an input too; later, being listed means that a caller may replace it.</summary>
    private static bool IsDefault(Value input, Model model) => input.Initializer is not null && model.IrVersion <= LastWithoutConstants;

    private static Dictionary<string, Fact> Defaults(Model model) =>
        model.Graph.Inputs.Where(input => IsDefault(input, model)).ToDictionary(input => input.Name, input => Fact.Of(input.Initializer!));

    private static string FreeSymbol(Graph graph)
    {
        var taken = graph.Values.Select(value => value.Type).OfType<TensorType>().SelectMany(type => type.Shape ?? Onnx.Shape.Scalar).Select(dim => dim.Symbol).ToHashSet();
        return taken.Contains("N") ? Enumerable.Range(1, taken.Count + 1).Select(i => $"N_{i}").First(symbol => !taken.Contains(symbol)) : "N";
    }

    private static Shape? Shape(Value value) => (value.Type as TensorType)?.Shape;

    private static void Apply(BatchWalk walk, Dim batch)
    {
        // Rule 2.
        foreach (var (reshape, shape) in walk.Reshapes)
            reshape.SetConstant(1, TensorData.Create("", shape, shape.Length), reshape.Inputs[1]!.Name + "_any_batch");
        // Rules 1 and 3.
        foreach (var (value, axis) in walk.Pictures)
            if (value.StatedType is TensorType { Shape: { } shape } type && axis < shape.Rank)
                value.Type = type with { Shape = new([.. shape.Select((dim, i) => i == axis ? batch : dim)]) { Trace = shape.Trace } };
    }
}
