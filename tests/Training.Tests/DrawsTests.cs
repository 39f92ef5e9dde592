using Anneal.Training.Randomness;

namespace Anneal.Training.Tests;

/// <summary>Random numbers: the published generator's own answers, and what the streams promise.</summary>
public sealed class DrawsTests
{
    // The known answers that the generator's authors publish with their library (Random123, kat_vectors).
    [Theory]
    [InlineData(0UL, 0UL, 0UL, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(0xffffffffffffffffUL, 0xffffffffffffffffUL, 0xffffffffffffffffUL, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x299f31d0a4093822UL, 0x85a308d3243f6a88UL, 0x0370734413198a2eUL, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void A_block_is_the_published_one(ulong key, ulong low, ulong high, uint w0, uint w1, uint w2, uint w3) =>
        Assert.Equal(new PhiloxBlock(w0, w1, w2, w3), Philox.Block(key, low, high));

    [Fact]
    public void Uses_epochs_and_samples_give_unrelated_numbers()
    {
        var stream = new Draws(5);
        ulong[] numbers = [stream.Bits(), stream.Bits(1), stream.At(0).Bits(), stream.At(1).Bits(), stream.At(0).At(0).Bits(), stream.For("a").Bits(), stream.For("b").Bits(), new Draws(6).Bits()];
        Assert.Equal(numbers.Length, numbers.Distinct().Count());
        Assert.Equal(stream.For("a").At(3).Uniform(2), new Draws(5).For("a").At(3).Uniform(2));
    }

    [Fact]
    public void Means_and_deviations_are_those_of_the_distributions()
    {
        const int count = 100_000;
        var stream = new Draws(1);
        double[] uniform = [.. Enumerable.Range(0, count).Select(i => stream.Uniform(i))];
        double[] normal = [.. Enumerable.Range(0, count).Select(i => stream.Normal(i))];
        Assert.All(uniform, u => Assert.InRange(u, 0, 1 - 1e-16));
        // Five standard errors.
        Assert.InRange(uniform.Average(), 0.5 - (5 * 0.2887 / Math.Sqrt(count)), 0.5 + (5 * 0.2887 / Math.Sqrt(count)));
        Assert.InRange(normal.Average(), -5 / Math.Sqrt(count), 5 / Math.Sqrt(count));
        Assert.InRange(normal.Average(n => n * n), 1 - (5 * Math.Sqrt(2.0 / count)), 1 + (5 * Math.Sqrt(2.0 / count)));
        Assert.InRange(normal.Average(n => n * n * n * n), 3 - (5 * Math.Sqrt(96.0 / count)), 3 + (5 * Math.Sqrt(96.0 / count)));
    }

    [Fact]
    public void A_permutation_holds_each_number_once_and_moves_them_evenly()
    {
        const int count = 6, rounds = 60_000;
        var places = new int[count, count];
        for (var round = 0; round < rounds; round++)
        {
            var order = new Draws(2).At(round).Permutation(count);
            Assert.Equal(Enumerable.Range(0, count), order.Order());
            for (var i = 0; i < count; i++)
                places[i, order[i]]++;
        }
        var error = 5 * Math.Sqrt(rounds * (1.0 / count) * (1 - (1.0 / count)));
        Assert.All(places.Cast<int>(), n => Assert.InRange(n, (rounds / count) - error, (rounds / count) + error));
    }

    [Fact]
    public void A_generator_that_is_reset_gives_the_same_tensors_again()
    {
        var generator = new Generator(7);
        var first = generator.Normal([3, 4], 1, 2).ToArray<float>();
        var second = generator.Uniform([5], -1, 1).ToArray<float>();
        generator.Reset(7, 1);
        Assert.Equal(second, generator.Uniform([5], -1, 1).ToArray<float>());
        generator.Reset(7);
        Assert.Equal(first, generator.Normal([3, 4], 1, 2).ToArray<float>());
        Assert.NotEqual(first, generator.Normal([3, 4], 1, 2).ToArray<float>());
        Assert.All(second, u => Assert.InRange(u, -1, 1));
    }
}
