using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes;

namespace Anneal.Training.Tuning;

/// <summary>
/// A constant that a node takes: an initializer, also one listed as an input, or a node Constant, directly or through nodes that only move its elements
/// (some exporters store a weight in another shape).
/// </summary>
internal sealed class HeadConstant
{
    private readonly Node _user;
    private readonly int _index;
    private readonly Value _root;

    private HeadConstant(Node user, int index, Value root, long[] dims, DType dtype) =>
        (_user, _index, _root, Dims, DType) = (user, index, root, dims, dtype);

    /// <summary>The extents that the node sees.</summary>
    public long[] Dims { get; }

    /// <summary>The element type.</summary>
    public DType DType { get; }

    /// <summary>The number of elements.</summary>
    public long ElementCount => Dims.Aggregate(1L, (product, extent) => product * extent);

    /// <summary>The constant in an input of a node; null when there is none.</summary>
    public static HeadConstant? Find(Node user, int index, ModelShapes shapes)
    {
        if (user.Input(index) is not { } value || RootOf(value) is not { } root || Tensor(root) is not { } tensor)
            return null;
        var dims = root == value ? tensor.Dims.ToArray() : shapes.ShapeOf(value) is { IsStatic: true } shape ? shape.ToExtents() : null;
        return dims is null ? null : new(user, index, root, dims, tensor.DType);
    }

    /// <summary>The elements, where they are integers that the node sees as they are stored.</summary>
    public long[]? Integers() => _root == _user.Input(_index) && DType == DType.Int64 ? Tensor(_root)!.ToInt64s() : null;

    /// <summary>Gives the node another constant under the name of the old one, or, where something else uses that too, under one of its own.</summary>
    /// <returns>The value that holds it.</returns>
    public Value Replace(TensorData tensor)
    {
        var graph = _user.Graph!;
        if (_root == _user.Input(_index) && _root is { Uses.Count: 1, IsOutput: false })
            return ReplaceInPlace(graph, tensor);
        var (name, isListed, before) = (_root.Name, _root.IsInput, _user.Inputs[_index]!);
        var value = graph.AddInitializer(tensor.WithName(graph.UniqueName(name)));
        if (isListed)
            graph.MakeInput(value);
        _user.SetInput(_index, value);
        if (RemoveUnused(before))
            graph.Rename(value, name);
        return value;
    }

    private Value ReplaceInPlace(Graph graph, TensorData tensor)
    {
        if (_root.Producer is { } constant)
        {
            foreach (var attribute in constant.Attributes.ToArray())
                constant.RemoveAttribute(attribute.Name);
            constant.SetAttribute(NodeAttribute.Of("value", tensor.WithName("")));
        }
        else
            graph.SetInitializer(_root, tensor.WithName(_root.Name));
        if (_root.StatedType is not null)
            _root.Type = tensor.Type;
        return _root;
    }

    /// <summary>Removes a value, and what only made it; whether the constant at its root went too.</summary>
    private bool RemoveUnused(Value value)
    {
        while (value.IsUnused)
        {
            var (graph, producer) = (value.Graph!, value.Producer);
            var source = producer?.Input(0);
            Value[] inputs = [.. producer?.Inputs.OfType<Value>() ?? []];
            if (producer is null)
                Discard(value);
            else
                graph.Remove(producer);
            foreach (var other in inputs.Where(input => input != source && input is { IsUnused: true, Initializer: not null }))
                Discard(other);
            if (value == _root)
                return true;
            value = source!;
        }
        return false;
    }

    private static void Discard(Value constant)
    {
        if (constant.IsInput)
            constant.Graph!.RemoveInput(constant);
        constant.Graph!.SetInitializer(constant, null);
    }

    private static Value? RootOf(Value value)
    {
        while (value.Initializer is null && value.Producer is { } move && !move.Calls("Constant"))
        {
            if (!IsMove(move) || move.Input(0) is not { } source)
                return null;
            value = source;
        }
        return value;
    }

    private static bool IsMove(Node node) => node.Domain is "" or "ai.onnx" && node.OpType is "Reshape" or "Transpose" or "Identity" or "Squeeze" or "Unsqueeze" or "Flatten";

    private static TensorData? Tensor(Value root) =>
        root.Initializer ?? (root.Producer is { } node && node.Calls("Constant") ? ((Constant)OpTable.Find("", "Constant")!.Read(node)).Dense() : null);
}
