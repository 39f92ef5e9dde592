using System.Runtime.CompilerServices;

namespace Anneal.Onnx.Passes;

/// <summary>
/// Lets equal constants share one value.
/// <list type="number">
/// <item>Of initializers with equal element type, dims and bytes the first stays and takes over the uses of the others, which go. One of a
/// subgraph gives way to one of a graph around it.</item>
/// <item>Initializers that are inputs or outputs of a graph, or that a quantization annotation names, stay and take nothing over: their names mean
/// something outside the graph.</item>
/// <item>Tensors whose elements were not read, and parts of larger tensors, are left alone.</item>
/// </list>
/// A model that carries training steps is left alone.
/// </summary>
public sealed class MergeInitializers : IPass
{
    private readonly ConditionalWeakTable<TensorData, TensorContent> _contents = [];

    /// <inheritdoc/>
    public string Name => "merge-initializers";

    /// <inheritdoc/>
    public bool Run(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        // Functions have no initializers, though subgraphs of their nodes may.
        var changed = false;
        foreach (var alike in Rewritable.Graphs(model).SelectMany(Candidates).GroupBy(Form).Where(group => group.Skip(1).Any()))
            changed |= Merge(alike);
        return changed;
    }

    /// <summary>Rules 2 and 3.</summary>
    private static IEnumerable<Value> Candidates(Graph graph)
    {
        var named = graph.QuantizationAnnotations.SelectMany(annotation => annotation.Parameters.Select(parameter => parameter.Value).Append(annotation.TensorName)).ToHashSet();
        return graph.Initializers.Where(value => value.IsConstant && !value.IsOutput && !named.Contains(value.Name)
            && value.Initializer is { HasElements: true, Segment: null } tensor && (tensor.DType == DType.String || tensor.DType.Bits() > 0));
    }

    /// <summary>What is compared before anything is read: elements of a form that only one tensor has are never hashed.</summary>
    private static string Form(Value value) => $"{value.Initializer!.DType} {string.Join(',', value.Initializer.Dims.ToArray())}";

    /// <summary>Rule 1.</summary>
    private bool Merge(IEnumerable<Value> alike)
    {
        var (kept, changed) = (new Dictionary<TensorContent, List<Value>>(), false);
        foreach (var value in alike)
        {
            var content = _contents.GetValue(value.Initializer!, tensor => new TensorContent(tensor));
            if (!kept.TryGetValue(content, out var equals))
                kept[content] = equals = [];
            if (equals.Find(first => value.Graph!.Sees(first) && Rewritable.TryReplace(value, first)) is null)
            {
                equals.Add(value);
                continue;
            }
            value.Graph!.SetInitializer(value, null);
            changed = true;
        }
        return changed;
    }
}
