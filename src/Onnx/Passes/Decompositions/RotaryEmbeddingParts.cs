using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes.Decompositions;

/// <summary>Rotary embedding as products with cosines and sines: (a, b) becomes (a cos - b sin, a sin + b cos).</summary>
internal static class RotaryEmbeddingParts
{
    public static void Write(Replacement to)
    {
        var op = to.Read<RotaryEmbedding>();
        if (to.Shape(0) is null && op.NumHeads is not null)
            throw to.TooLittle("how many axes the input has");
        var isPacked = to.Shape(0)?.Rank == 3;
        if (isPacked && op.NumHeads is null)
            throw new InvalidModelException($"{to.Node.Title}: an input of three axes needs the attribute num_heads.");
        // Heads stand before the tokens where x has four axes, and after them where they lie side by side.
        var x = isPacked ? to.Add("heads", "Reshape", [to.Input(0), to.Ints(0, 0, op.NumHeads!.Value, -1)]) : to.Input(0);
        var (cos, sin) = (Angles(to, "cos", 1, isPacked ? 2 : 1), Angles(to, "sin", 2, isPacked ? 2 : 1));
        var turned = op.RotaryEmbeddingDim == 0 ? Turn(to, op, x, cos, sin) : Part(to, op, x, cos, sin);
        to.Give(0, isPacked ? to.Add("joined", "Reshape", [turned, to.Ints(0, 0, -1)]) : turned);
    }

    /// <summary>Cosines or sines [B,S,pairs] of the tokens' places, with an axis for the heads.</summary>
    private static Value Angles(Replacement to, string part, int input, int axis)
    {
        var picked = to.Has(3) ? to.Add($"{part}_picked", "Gather", [to.Input(input), to.Input(3)], NodeAttribute.Of("axis", 0)) : to.Input(input);
        return to.Add(part, "Unsqueeze", [picked, to.Ints(axis)]);
    }

    /// <summary>Turns the first numbers of each head and leaves the rest.</summary>
    private static Value Part(Replacement to, RotaryEmbedding op, Value x, Value cos, Value sin)
    {
        var end = to.Ints(op.RotaryEmbeddingDim);
        var first = to.Add("first", "Slice", [x, to.Ints(0), end, to.Ints(-1)]);
        var rest = to.Add("rest", "Slice", [x, end, to.Ints(long.MaxValue), to.Ints(-1)]);
        return to.Add("whole", "Concat", [Turn(to, op, first, cos, sin), rest], NodeAttribute.Of("axis", -1));
    }

    private static Value Turn(Replacement to, RotaryEmbedding op, Value x, Value cos, Value sin)
    {
        var (a, b) = op.Interleaved
            ? (EverySecond(to, "even", x, 0), EverySecond(to, "odd", x, 1))
            : to.AddTwo("halves", "Split", [x], NodeAttribute.Of("axis", -1), NodeAttribute.Of("num_outputs", 2));
        var c = to.Add("turned_a", "Sub", [to.Add("a_cos", "Mul", [a, cos]), to.Add("b_sin", "Mul", [b, sin])]);
        var d = to.Add("turned_b", "Add", [to.Add("a_sin", "Mul", [a, sin]), to.Add("b_cos", "Mul", [b, cos])]);
        if (!op.Interleaved)
            return to.Add("turned", "Concat", [c, d], NodeAttribute.Of("axis", -1));
        var pairs = to.Add("pairs", "Concat", [to.Add("c_last", "Unsqueeze", [c, to.Ints(-1)]), to.Add("d_last", "Unsqueeze", [d, to.Ints(-1)])], NodeAttribute.Of("axis", -1));
        return to.Add("turned", "Reshape", [pairs, to.Ints(0, 0, 0, -1)]);
    }

    private static Value EverySecond(Replacement to, string part, Value x, long start) =>
        to.Add(part, "Slice", [x, to.Ints(start), to.Ints(long.MaxValue), to.Ints(-1), to.Ints(2)]);
}
