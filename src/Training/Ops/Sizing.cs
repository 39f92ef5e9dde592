using System.Collections.Concurrent;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Devices;

namespace Anneal.Training.Ops;

/// <summary>
/// Makes the outputs of a call, sized by the operator's own inference. What follows from types and shapes alone is worked out once and
/// remembered: a loop that repeats itself infers nothing.
/// </summary>
internal static class Sizing
{
    // Calls with more inputs than a key holds are rare (Concat, Sum of many) and are worked out each time.
    private const int MostKeyed = 4;

    private static readonly ConcurrentDictionary<Key, (DType DType, TensorShape Shape)[]> Known = [];

    public static Tensor[] Outputs(Op op, Kernel kernel, ReadOnlySpan<Tensor?> inputs, int count, ComputeDevice device)
    {
        var sizes = SizesOf(op, kernel, inputs, count);
        var outputs = new Tensor[sizes.Length];
        for (var i = 0; i < outputs.Length; i++)
            outputs[i] = Tensor.Empty(device, sizes[i].DType, sizes[i].Shape);
        return outputs;
    }

    /// <summary>The shape of the only output.</summary>
    public static TensorShape ShapeOf(Op op, Kernel kernel, ReadOnlySpan<Tensor?> inputs) => SizesOf(op, kernel, inputs, 1)[0].Shape;

    /// <summary>Refuses inputs that do not fit the operator, as its own inference finds.</summary>
    public static void Check(Op op, ReadOnlySpan<Tensor?> inputs, int count) => _ = Inferred(op, inputs, count);

    private static (DType DType, TensorShape Shape)[] SizesOf(Op op, Kernel kernel, ReadOnlySpan<Tensor?> inputs, int count) =>
        kernel.IsSizedByShapes && inputs.Length <= MostKeyed ? Remembered(kernel.SizedAs(op), inputs, count) : Infer(op, inputs, count);

    private static (DType DType, TensorShape Shape)[] Remembered(Op op, ReadOnlySpan<Tensor?> inputs, int count)
    {
        var key = new Key(op, count, Size.Of(inputs, 0), Size.Of(inputs, 1), Size.Of(inputs, 2), Size.Of(inputs, 3));
        if (Known.TryGetValue(key, out var sizes))
            return sizes;
        sizes = Infer(op, inputs, count);
        Known.TryAdd(key, sizes);
        return sizes;
    }

    private static (DType DType, TensorShape Shape)[] Infer(Op op, ReadOnlySpan<Tensor?> inputs, int count) =>
        [.. Inferred(op, inputs, count).Outputs.Select(fact => (fact.DType, SizeOf(op, fact)))];

    private static Inference Inferred(Op op, ReadOnlySpan<Tensor?> inputs, int count)
    {
        var facts = new Fact?[inputs.Length];
        for (var i = 0; i < facts.Length; i++)
            facts[i] = inputs[i] is { } input ? FactOf(input) : null;
        var inference = new Inference(op.Name, facts, count, null!);
        op.Infer(inference);
        return inference;
    }

    private static TensorShape SizeOf(Op op, Fact fact) => fact.Shape is { } shape
        ? TensorShape.Of(shape)
        : throw new ShapeMismatchException($"{op.Name}: the size of an output does not follow from its inputs.");

    /// <summary>Small integer tensors are shapes, axes and indices: their elements are part of what is known.</summary>
    private static Fact FactOf(Tensor tensor) =>
        tensor.Device.Kind == DeviceKind.Cpu && tensor.Count <= Fact.MostElements && !tensor.IsGone && tensor.Shape.Rank <= 1
            ? Fact.Of(tensor.ToTensorData())
            : Fact.Tensor(tensor.DType, tensor.Shape.Onnx);

    private readonly record struct Size(DType DType, TensorShape? Shape)
    {
        public static Size Of(ReadOnlySpan<Tensor?> inputs, int index) =>
            index < inputs.Length && inputs[index] is { } input ? new(input.DType, input.Shape) : default;
    }

    private readonly record struct Key(Op Op, int Count, Size A, Size B, Size C, Size D);
}
