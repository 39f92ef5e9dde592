using Anneal.Onnx;

namespace Anneal.Training.Data;

/// <summary>
/// Erases a rectangle of some inputs, after normalisation (Zhong et al., "Random Erasing Data Augmentation", 2017). Drawn by torchvision's rule:
/// ten attempts to find a rectangle smaller than the input, and nothing if all fail.
/// </summary>
/// <param name="Probability">The share of inputs, from 0 to 1.</param>
public sealed record RandomErasing(double Probability = 0.5) : InputAugmentation<Erasure>
{
    private const int Attempts = 10;

    /// <summary>The share of inputs, from 0 to 1.</summary>
    public double Probability { get; } = AugmentationRules.Probability(nameof(RandomErasing), Probability);

    /// <summary>The rectangle's share of the area; 0.02 to 0.33 by default.</summary>
    public DrawRange Area { get; init => field = AugmentationRules.Within(nameof(RandomErasing), nameof(Area), value, 0, 1); } = new(0.02, 0.33);

    /// <summary>The rectangle's height over its width; 0.3 to 3.3 by default, drawn evenly on a logarithmic scale.</summary>
    public DrawRange Ratio { get; init => field = AugmentationRules.Within(nameof(RandomErasing), nameof(Ratio), value, 1e-3, 1e3); } = new(0.3, 3.3);

    /// <summary>What the rectangle's numbers become, one for all channels or one for each; 0 by default, the mean after normalisation.</summary>
    public IReadOnlyList<float> Value { get; init; } = [0];

    /// <summary>Whether the rectangle's numbers become normal noise instead of <see cref="Value"/>.</summary>
    public bool IsNoise { get; init; }

    /// <inheritdoc/>
    public override Erasure Draw(Draws draws, SlotLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return draws.Uniform() < Probability
            ? new(Choose(layout.Height, layout.Width, index => draws.For("rectangle").Uniform(index)), IsNoise ? draws.For("noise") : null)
            : default;
    }

    /// <inheritdoc/>
    public override void Apply(Span<float> slot, SlotLayout layout, Erasure parameters)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (parameters.Window is not { } window)
            return;
        if (parameters.Noise is null && Value.Count != 1 && Value.Count != layout.Channels)
            throw new AnnealException($"{nameof(RandomErasing)}.{nameof(Value)} has {Value.Count} numbers; the input has {layout.Channels} channels. Give one, or one for each.");
        for (var channel = 0; channel < layout.Channels; channel++)
            for (var y = 0; y < window.Height; y++)
                for (var x = 0; x < window.Width; x++)
                    slot[layout.At(channel, window.Top + y, window.Left + x)] = parameters.Noise is { } noise
                        ? (float)noise.Normal((((channel * window.Height) + y) * window.Width) + x)
                        : Value[Value.Count == 1 ? 0 : channel];
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"random erasing (probability {Probability}, area {Area}, ratio {Ratio}, {(IsNoise ? "noise" : string.Join(", ", Value))})";

    /// <summary>The rectangle for uniform numbers: four an attempt, for area, shape, row and column.</summary>
    internal PixelWindow? Choose(int height, int width, Func<int, double> uniform)
    {
        var logRatio = new DrawRange(Math.Log(Ratio.Least), Math.Log(Ratio.Greatest));
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var area = (double)height * width * Area.At(uniform(4 * attempt));
            var ratio = Math.Exp(logRatio.At(uniform((4 * attempt) + 1)));
            var (h, w) = ((int)Math.Round(Math.Sqrt(area * ratio)), (int)Math.Round(Math.Sqrt(area / ratio)));
            if (h < height && w < width)
                return new PixelWindow((int)(uniform((4 * attempt) + 2) * (height - h + 1)), (int)(uniform((4 * attempt) + 3) * (width - w + 1)), h, w);
        }
        return null;
    }
}
