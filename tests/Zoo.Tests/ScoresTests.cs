using Anneal.Onnx;

namespace Anneal.Zoo.Tests;

public sealed class ScoresTests
{
    public static TheoryData<float[], int, int[]> Rankings => new()
    {
        { [0.1f, 0.7f, 0.2f], 3, [1, 2, 0] },
        { [0.1f, 0.7f, 0.2f], 1, [1] },
        { [5, 5, 5, 5], 2, [0, 1] },
        { [1, 2, 2, 1], 9, [1, 2, 0, 3] },
        { [-3, -1, -2], 2, [1, 2] },
        { [float.NegativeInfinity, 0, float.NegativeInfinity], 3, [1, 0, 2] },
        // Both first probabilities round to one and both last ones to zero: only the scores tell them apart.
        { [-300, 200, -200, 100], 4, [1, 3, 2, 0] },
        { [1], 5, [0] },
    };

    [Theory, MemberData(nameof(Rankings))]
    public void The_best_come_first_and_equals_keep_their_order(float[] scores, int top, int[] expected) =>
        Assert.Equal(expected, Scores.Best(scores, OutputKind.Logits, top, labels: null).Select(p => p.Index));

    [Theory]
    [InlineData(0f, 0f, 0f)]
    [InlineData(1f, 2f, 3f)]
    [InlineData(1000f, 999f, -1000f)]
    [InlineData(-5000f, -5001f, -5003f)]
    public void Logits_become_the_softmax_of_the_textbook(float a, float b, float c)
    {
        double[] scores = [a, b, c];
        var sum = scores.Sum(score => Math.Exp(score - scores.Max()));
        var best = Scores.Best([a, b, c], OutputKind.Logits, 3, labels: null);
        Assert.All(best, p => Assert.Equal(Math.Exp(scores[p.Index] - scores.Max()) / sum, p.Probability, 1e-6));
    }

    [Fact]
    public void Probabilities_are_told_as_they_are() =>
        Assert.Equal([0.75f, 0.25f], Scores.Best([0.25f, 0.75f], OutputKind.Probabilities, 2, labels: null).Select(p => p.Probability));

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_score_that_is_no_finite_number_is_refused(float score)
    {
        var error = Assert.Throws<AnnealException>(() => Scores.Best([0, score], OutputKind.Logits, 1, labels: null));
        Assert.Contains("finite", error.Message, StringComparison.Ordinal);
    }
}
