using System.Numerics.Tensors;
using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>From a row of a classifier's output to its best classes.</summary>
internal static class Scores
{
    /// <summary>The best classes of one row; equal scores keep the model's order, so that an answer never depends on chance.</summary>
    /// <exception cref="AnnealException">A score is no finite number.</exception>
    public static IReadOnlyList<Prediction> Best(ReadOnlySpan<float> scores, OutputKind kind, int top, Labels? labels)
    {
        var probabilities = Probabilities(scores, kind);
        return [.. Largest(scores, top).Select(index => new Prediction(index, labels?[index], probabilities[index]))];
    }

    /// <summary>The indices of the largest scores, largest first. The scores and not the probabilities decide: those may underflow to equal zeros.</summary>
    private static int[] Largest(ReadOnlySpan<float> scores, int count)
    {
        var best = new int[Math.Min(count, scores.Length)];
        var found = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            if (found == best.Length && scores[i] <= scores[best[^1]])
                continue;
            var place = found < best.Length ? found++ : best.Length - 1;
            for (; place > 0 && scores[i] > scores[best[place - 1]]; place--)
                best[place] = best[place - 1];
            best[place] = i;
        }
        return best;
    }

    private static float[] Probabilities(ReadOnlySpan<float> scores, OutputKind kind)
    {
        foreach (var score in scores)
            if (float.IsNaN(score) || float.IsPositiveInfinity(score))
                throw new AnnealException($"the model gave {score} as a score, where a finite number was expected; its weights or the preprocessing do not fit.");
        var probabilities = scores.ToArray();
        if (kind == OutputKind.Logits)
        {
            // Softmax does not change when all scores are shifted; with the largest at zero nothing overflows.
            TensorPrimitives.Subtract(probabilities, TensorPrimitives.Max(scores), probabilities);
            TensorPrimitives.SoftMax<float>(probabilities, probabilities);
        }
        return probabilities;
    }
}
