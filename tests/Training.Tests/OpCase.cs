using Anneal.Onnx.Ops;

namespace Anneal.Training.Tests;

/// <summary>One row of the matrix: an operator and what to give it. Every check of <see cref="OpTests"/> runs on every row.</summary>
public sealed class OpCase(string name, Op op, params Input[] inputs)
{
    /// <summary>What the row is about.</summary>
    public string Name { get; } = name;

    /// <summary>The operator.</summary>
    public Op Op { get; } = op;

    /// <summary>Its inputs.</summary>
    public IReadOnlyList<Input> Inputs { get; } = inputs;

    /// <summary>How many outputs it has.</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>The version of ONNX's operator set in which ONNX Runtime runs the operator.</summary>
    public int Opset { get; init; } = 21;

    /// <summary>The largest difference from ONNX Runtime, relative to the largest magnitude of an output.</summary>
    public double Tolerance { get; init; } = 2e-6;

    /// <summary>Whether ONNX Runtime cannot run the row, which is checked too; ONNX's own vectors hold the operator's values then.</summary>
    public bool NotInRuntime { get; init; }

    /// <summary>Why the row has no gradient; null when it has.</summary>
    public string? NoGradient { get; init; }

    /// <summary>What the error says when a real input wants a gradient; null for a row that is not refused then.</summary>
    public string? Refusal { get; init; }

    /// <summary>Whether gradients flow through the row.</summary>
    public bool IsTrained => NoGradient is null && Refusal is null;

    public override string ToString() => Name;

    /// <summary>The inputs, the same numbers each time.</summary>
    internal Tensor?[] Make(bool twice)
    {
        var random = new Random(3);
        return [.. Inputs.Select(input => input.Make(random, twice))];
    }
}

/// <summary>An input of a row.</summary>
public abstract record Input
{
    /// <summary>Real numbers, drawn between two bounds; they get a gradient.</summary>
    public static Input Real(int[] shape, double least = -2, double greatest = 2) => new Drawn(shape, least, greatest, false);

    /// <summary>Real numbers that no gradient is asked of.</summary>
    public static Input Fixed(int[] shape, double least = -2, double greatest = 2) => new Drawn(shape, least, greatest, true);

    /// <summary>Given numbers of any type; no gradient is asked of them.</summary>
    public static Input Given<T>(T[] elements, params int[] shape) where T : unmanaged => new Stated<T>(elements, shape, false);

    /// <summary>Given real numbers; they get a gradient.</summary>
    public static Input RealGiven(float[] elements, params int[] shape) => new Stated<float>(elements, shape, true);

    /// <summary>A list of int64: a shape, axes, indices.</summary>
    public static Input Ints(params long[] elements) => new Stated<long>(elements, [elements.Length], false);

    /// <summary>The same numbers in another type, whichever precision the row runs in.</summary>
    public Input As(Onnx.DType type) => new Converted(this, type);

    /// <summary>An optional input that is left out.</summary>
    public static Input None { get; } = new Absent();

    /// <summary>The tensor in float32 or double.</summary>
    internal abstract Tensor? Make(Random random, bool twice);

    /// <summary>Whether a gradient is asked of it.</summary>
    internal virtual bool IsDifferentiated => false;

    private sealed record Drawn(int[] Shape, double Least, double Greatest, bool IsFixed) : Input
    {
        internal override bool IsDifferentiated => !IsFixed;

        internal override Tensor Make(Random random, bool twice)
        {
            // Rounded to float32 in both precisions, so that both compute on the same numbers.
            var elements = new float[TensorShape.Of(Shape).ElementCount];
            for (var i = 0; i < elements.Length; i++)
                elements[i] = (float)(Least + (random.NextDouble() * (Greatest - Least)));
            return twice ? Tensor.From(Array.ConvertAll(elements, e => (double)e), TensorShape.Of(Shape)) : Tensor.From(elements, TensorShape.Of(Shape));
        }
    }

    private sealed record Stated<T>(T[] Elements, int[] Shape, bool IsReal) : Input where T : unmanaged
    {
        internal override bool IsDifferentiated => IsReal;

        internal override Tensor Make(Random random, bool twice)
        {
            var tensor = Tensor.From(Elements, TensorShape.Of(Shape));
            return twice && typeof(T) == typeof(float) ? tensor.To(Onnx.DType.Double) : tensor;
        }
    }

    private sealed record Converted(Input Numbers, Onnx.DType Type) : Input
    {
        internal override Tensor Make(Random random, bool twice) => Numbers.Make(random, twice)!.To(Type);
    }

    private sealed record Absent : Input
    {
        internal override Tensor? Make(Random random, bool twice) => null;
    }
}
