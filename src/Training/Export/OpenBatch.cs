using Anneal.Onnx;
using Anneal.Onnx.Passes;

namespace Anneal.Training.Export;

/// <summary>
/// Opens a batch that a model states as 1. The proof that every node treats each picture alone needs current operators; where the model has older ones it
/// is made on an upgraded copy, and what it changes (extents of declared types, target shapes of Reshape) is taken over, so that nodes and operator set stay.
/// </summary>
internal static class OpenBatch
{
    /// <summary>Opens the batch in place. Null when it is open or was opened; otherwise why it stays as it is.</summary>
    public static string? Run(Model model)
    {
        if (!model.Graph.RequiredInputs.Any(StatesOne))
            return null;
        try
        {
            if (model.FirstOlderNode() is null)
                new FreeBatch().Run(model);
            else
                RunOnCopy(model);
            return null;
        }
        catch (AnnealException e)
        {
            return e.Message;
        }
    }

    private static bool StatesOne(Value input) => input.Type is TensorType { Shape: { Rank: > 0 } shape } && shape[0] == 1;

    private static void RunOnCopy(Model model)
    {
        var copy = UpgradeOpset.Upgraded(model);
        var before = Targets(copy);
        new FreeBatch().Run(copy);
        var changed = Targets(copy).Where(target => before[target.Key] != target.Value).ToList();
        // All or nothing: every node is found before the first is changed.
        var nodes = changed.ConvertAll(target => Find(model, target.Key));
        foreach (var (node, (_, shape)) in nodes.Zip(changed))
            Retarget(node, shape!);
        foreach (var value in model.Graph.Values)
            if (value.StatedType is TensorType { Shape: { } shape } type && copy.Graph.Find(value.Name)?.StatedType is TensorType { Shape: { } opened } && !opened.Equals(shape) && opened.Rank == shape.Rank)
                value.Type = type with { Shape = new([.. opened]) { Trace = shape.Trace } };
    }

    /// <summary>The constant shapes that Reshape nodes of a model go to, by the nodes' outputs.</summary>
    private static Dictionary<string, TensorData?> Targets(Model model) =>
        model.Graph.Nodes.Where(node => node.Calls("Reshape") && node.Outputs is [{ }]).ToDictionary(node => node.Outputs[0]!.Name, node => node.Input(1)?.Initializer);

    private static Node Find(Model model, string output) => model.Graph.Find(output)?.Producer is { } node && node.Calls("Reshape") && (node.Attribute("shape") is not null || node.Input(1)?.Initializer is not null)
        ? node
        : throw new AnnealException($"The batch cannot be freed: '{output}' comes from a node that operator set {model.OperatorSets[""]} writes in another way. Convert the file with {nameof(ExportOptions)}.{nameof(ExportOptions.Opset)}.");

    private static void Retarget(Node node, TensorData shape)
    {
        if (node.Attribute("shape") is not null)
            node.SetAttribute(NodeAttribute.Of("shape", shape.ToInt64s()));
        else
        {
            var old = node.Inputs[1]!;
            node.SetConstant(1, TensorData.Create("", shape.ToInt64s(), shape.ElementCount), old.Name + "_any_batch");
            if (old is { IsUnused: true, IsInput: false })
                old.Graph!.SetInitializer(old, null);
        }
    }
}
