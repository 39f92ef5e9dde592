using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Training.Tuning;

/// <summary>
/// A model in two at one value, each half a complete model of the same operator set: run one after the other they compute the same bits.
/// What does not depend on the inputs (an initializer, nodes that compute with constants alone) is in every half that needs it.
/// </summary>
/// <param name="Front">What makes the value: the model's inputs in, the value out.</param>
/// <param name="Rest">What follows: the value in, the model's outputs out.</param>
/// <param name="Value">The name of the value.</param>
public sealed record ModelCut(Model Front, Model Rest, string Value)
{
    private const int MostNear = 3;

    /// <summary>Cuts a model at a value.</summary>
    /// <param name="model">The model, which stays as it is.</param>
    /// <param name="value">The name of a value that a node of the main graph makes.</param>
    /// <exception cref="AnnealException">There is no such value, it is an input, a constant or an output, or something else goes past it; the message names that.</exception>
    public static ModelCut At(Model model, string value)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Graph.Find(value) is not { } found)
            throw Unknown(model.Graph, value);
        var points = new CutPoints(model.Graph);
        var isOutput = model.Graph.Outputs.Contains(found);
        if (isOutput || !points.IsData(found) || found.Producer is null)
            throw new AnnealException($"The model cannot be cut at '{value}': it is {(isOutput ? "an output, and nothing follows it" : points.IsData(found) ? "an input" : "constant, whatever the inputs are")}.");
        foreach (var (node, open) in points.Walk())
            if (node == found.Producer)
                return open.All(other => other == found) ? Make(model, found) : throw Passed(found, open);
        throw new AnnealException($"The model cannot be cut at '{value}': no output needs it.");
    }

    /// <summary>
    /// The longest leading part that holds nothing trained: cut at the latest value that every way from the inputs to the outputs goes through.
    /// A Dropout between the last layer of that part and the first trained one belongs to the rest, since training needs it.
    /// </summary>
    /// <param name="model">The model, which stays as it is.</param>
    /// <param name="isTrained">Whether training changes a constant, running statistics among them, by its name.</param>
    /// <returns>The cut, or null when there is no such part.</returns>
    public static ModelCut? Leading(Model model, Func<string, bool> isTrained)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(isTrained);
        return new FrozenPart(model, isTrained).End() is { } value ? Make(model, value) : null;
    }

    private static ModelCut Make(Model model, Value value)
    {
        var type = new ModelShapes(model).TypeOf(value) is { ElementType: not DType.Undefined } known
            ? known
            : throw new AnnealException($"The model cannot be cut at '{value.Name}': its element type is not known.");
        return new(FrontOf(model, value.Name, type), RestOf(model, value.Name, type), value.Name);
    }

    private static Model FrontOf(Model model, string name, TensorType type)
    {
        var front = Copy(model);
        var (graph, leftovers) = (front.Graph, new Leftovers(front.Graph));
        while (graph.Outputs.Count > 0)
            graph.RemoveOutput(graph.Outputs.Count - 1);
        var value = graph.Find(name)!;
        value.Type = value.StatedType ?? type;
        graph.AddOutput(value);
        leftovers.Remove();
        return front;
    }

    private static Model RestOf(Model model, string name, TensorType type)
    {
        var rest = Copy(model);
        var (graph, leftovers) = (rest.Graph, new Leftovers(rest.Graph));
        var made = graph.Find(name)!;
        graph.Rename(made, graph.UniqueName($"{name}_before"));
        graph.ReplaceAllUses(made, graph.AddInput(name, type));
        leftovers.Remove();
        return rest;
    }

    private static Model Copy(Model model)
    {
        var copy = model.Copy();
        // Training steps name values of the whole graph.
        copy.TrainingInfo.Clear();
        return copy;
    }

    private static AnnealException Passed(Value value, IEnumerable<Value> open) => new(
        $"The model cannot be cut at '{value.Name}' alone: {string.Join(", ", open.Where(other => other != value).Take(MostNear).Select(other => $"'{other.Name}'"))} "
        + "is used behind it too, and is not made of it.");

    private static AnnealException Unknown(Graph graph, string name)
    {
        var near = graph.Nodes.SelectMany(node => node.Outputs).OfType<Value>().Select(value => value.Name).OrderBy(known => EditDistance.Between(name, known)).Take(MostNear);
        return new($"The model's main graph has no value '{name}'. The nearest names are {string.Join(", ", near.Select(known => $"'{known}'"))}.");
    }
}
