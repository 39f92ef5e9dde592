using System.Collections.Concurrent;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Devices;

namespace Anneal.Training.Ops;

/// <summary>
/// Makes the outputs of a call, sized by the operator's own inference. What follows from types, shapes and short lists of integers is worked out once
/// and remembered: a loop that repeats itself infers nothing.
/// </summary>
internal static class Sizing
{
    // Calls with more inputs than a key holds are rare (Concat, Sum of many) and are worked out each time.
    private const int MostKeyed = 5;

    private static readonly ConcurrentDictionary<Key, (DType DType, TensorShape Shape)[]> Known = [];

    [ThreadStatic]
    private static long Sized;

    /// <summary>How many operators this thread has applied, those that are made of others not counted: for figures by the operator.</summary>
    public static long CallsOnThisThread => Sized;

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
    public static void Check(Op op, Kernel kernel, ReadOnlySpan<Tensor?> inputs, int count) => _ = Inferred(op, kernel, inputs, count);

    /// <summary>The shape of the first output of an operator that is made of others.</summary>
    public static TensorShape ShapeOf(Op op, ReadOnlySpan<Tensor?> inputs) => SizeOf(op, Inferred(op, null, inputs, 1).Outputs[0]);

    private static (DType DType, TensorShape Shape)[] SizesOf(Op op, Kernel kernel, ReadOnlySpan<Tensor?> inputs, int count)
    {
        Sized++;
        return inputs.Length <= MostKeyed && (kernel.IsSizedByShapes || HasKnownNumbers(inputs)) ? Remembered(op, kernel, inputs, count) : Infer(op, kernel, inputs, count);
    }

    private static (DType DType, TensorShape Shape)[] Remembered(Op op, Kernel kernel, ReadOnlySpan<Tensor?> inputs, int count)
    {
        var byNumbers = !kernel.IsSizedByShapes;
        var key = new Key(kernel.SizedAs(op), count, Size.Of(inputs, 0, false), Size.Of(inputs, 1, byNumbers), Size.Of(inputs, 2, byNumbers), Size.Of(inputs, 3, byNumbers), Size.Of(inputs, 4, byNumbers));
        if (Known.TryGetValue(key, out var sizes))
            return sizes;
        sizes = Infer(op, kernel, inputs, count);
        Known.TryAdd(key, sizes);
        return sizes;
    }

    /// <summary>Whether all inputs but the first, whose elements decide no size, are lists of integers that are kept.</summary>
    private static bool HasKnownNumbers(ReadOnlySpan<Tensor?> inputs)
    {
        for (var i = 1; i < inputs.Length; i++)
            if (inputs[i] is { } input && NumbersOf(input) is null)
                return false;
        return true;
    }

    private static Tensor? NumbersOf(Tensor tensor) =>
        tensor.DType == DType.Int64 && tensor.Rank <= 1 && tensor.Device.Kind == DeviceKind.Cpu ? NumberLists.Find(tensor.AsSpan<long>()) : null;

    private static (DType DType, TensorShape Shape)[] Infer(Op op, Kernel kernel, ReadOnlySpan<Tensor?> inputs, int count) =>
        [.. Inferred(op, kernel, inputs, count).Outputs.Select(fact => (fact.DType, SizeOf(op, fact)))];

    private static Inference Inferred(Op op, Kernel? kernel, ReadOnlySpan<Tensor?> inputs, int count)
    {
        var facts = new Fact?[inputs.Length];
        for (var i = 0; i < facts.Length; i++)
            facts[i] = inputs[i] is { } input ? FactOf(input, kernel?.IsReadByHost(i) == true) : null;
        var inference = new Inference(op.Name, facts, count, null!);
        op.Infer(inference);
        return inference;
    }

    private static TensorShape SizeOf(Op op, Fact fact) => fact.Shape is { } shape
        ? TensorShape.Of(shape)
        : throw new ShapeMismatchException($"{op.Name}: the size of an output does not follow from its inputs.");

    /// <summary>Small integer tensors are shapes, axes and indices: their elements are part of what is known.</summary>
    private static Fact FactOf(Tensor tensor, bool isReadByHost) =>
        (isReadByHost || tensor.Device.Kind == DeviceKind.Cpu) && tensor.Count <= Fact.MostElements && !tensor.IsGone && tensor.Shape.Rank <= 1
            ? Fact.Of(tensor.ToTensorData())
            : Fact.Tensor(tensor.DType, tensor.Shape.Onnx);

    private readonly record struct Size(DType DType, TensorShape? Shape, Tensor? Numbers)
    {
        public static Size Of(ReadOnlySpan<Tensor?> inputs, int index, bool withNumbers) =>
            index < inputs.Length && inputs[index] is { } input ? new(input.DType, input.Shape, withNumbers ? NumbersOf(input) : null) : default;
    }

    private readonly record struct Key(Op Op, int Count, Size A, Size B, Size C, Size D, Size E);
}
