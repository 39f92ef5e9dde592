using System.Numerics.Tensors;
using Anneal.Onnx;

namespace Anneal.Tests.Networks;

/// <summary>
/// Gives the light models, whose weights are all one number, seeded weights of a size that keeps activations sane through a hundred layers: He's
/// scaling for convolutions and matrices, variances from 0.5 to 2, factors near 1, small offsets.
/// </summary>
public sealed class LightWeights
{
    // A prime, so that the pool repeats at another place in every row of a large matrix.
    private const int PoolLength = 1_000_003;

    private static readonly float[] Normal = MakePool(random => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())));
    private static readonly float[] Even = MakePool(random => (random.NextSingle() * 2) - 1);

    private int _place;

    private LightWeights(int seed) => _place = seed * 7919 % PoolLength;

    /// <summary>Puts an initializer in the place of every ConstantOfShape node whose shape is constant.</summary>
    public static Model Fill(Model model, int seed)
    {
        var (weights, graph) = (new LightWeights(seed), model.Graph);
        foreach (var node in graph.Nodes.Where(node => node.OpType == "ConstantOfShape").ToArray())
        {
            var (old, shape) = (node.Outputs[0]!, node.Inputs[0]!);
            var value = graph.AddInitializer(weights.Draw(old, graph.UniqueName("seeded"), shape.Initializer!.ToInt64s()));
            graph.ReplaceAllUses(old, value);
            graph.Remove(node);
            graph.Rename(value, old.Name);
            if (model.IrVersion < 4)
                graph.MakeInput(value);
            if (shape.IsInput)
                graph.RemoveInput(shape);
            graph.SetInitializer(shape, null);
        }
        return model;
    }

    /// <summary>Numbers with mean 0 and variance 1.</summary>
    public static float[] Numbers(int seed, long count) => new LightWeights(seed).Take(Normal, count, 1, 0);

    private TensorData Draw(Value value, string name, long[] dims)
    {
        var count = dims.Aggregate(1L, (a, b) => a * b);
        var (op, input, node) = Role(value);
        return TensorData.Create(name, (op, input) switch
        {
            ("Conv", 1) => Take(Normal, count, MathF.Sqrt(2f / dims.Skip(1).Aggregate(1L, (a, b) => a * b)), 0),
            ("Gemm", 1) => Take(Normal, count, MathF.Sqrt(2f / dims[node.Attribute("transB")?.AsInt() == 1 ? 1 : 0]), 0),
            ("BatchNormalization", 4) => Take(Even, count, 0.75f, 1.25f),
            ("BatchNormalization", 1) or ("Mul", _) => Take(Even, count, 0.25f, 1),
            _ => Take(Normal, count, 0.1f, 0),
        }, dims);
    }

    /// <summary>What the numbers are for: the first operator that computes with them.</summary>
    private static (string Op, int Input, Node Node) Role(Value value)
    {
        var use = value.Uses[0];
        return use.Node.OpType == "Unsqueeze" ? Role(use.Node.Outputs[0]!) : (use.Node.OpType, use.Index, use.Node);
    }

    private float[] Take(float[] pool, long count, float scale, float middle)
    {
        var numbers = new float[count];
        for (var filled = 0; filled < numbers.Length;)
        {
            var length = Math.Min(numbers.Length - filled, PoolLength - _place);
            TensorPrimitives.MultiplyAdd(pool.AsSpan(_place, length), scale, Repeat(middle, length), numbers.AsSpan(filled, length));
            (filled, _place) = (filled + length, (_place + length) % PoolLength);
        }
        return numbers;
    }

    private static float[] Repeat(float number, int length)
    {
        var numbers = new float[length];
        Array.Fill(numbers, number);
        return numbers;
    }

    private static float[] MakePool(Func<Random, float> draw)
    {
        var random = new Random(20_250_101);
        return [.. Enumerable.Range(0, PoolLength).Select(_ => draw(random))];
    }
}
