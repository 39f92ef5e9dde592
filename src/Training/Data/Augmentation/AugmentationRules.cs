using Anneal.Onnx;

namespace Anneal.Training.Data;

/// <summary>What must be true of an augmentation's settings, checked when they are made.</summary>
internal static class AugmentationRules
{
    /// <summary>A share of the pictures, from 0 to 1.</summary>
    public static double Probability(string owner, double value) => value is >= 0 and <= 1
        ? value
        : throw new AnnealException($"{owner}: a probability is a number from 0 to 1, not {value}.");

    /// <summary>A range whose ends are in order and within bounds.</summary>
    public static DrawRange Within(string owner, string name, DrawRange range, double least, double greatest) =>
        range.Least <= range.Greatest && range.Least >= least && range.Greatest <= greatest
            ? range
            : throw new AnnealException($"{owner}.{name} is {range}; the first number must be no greater than the second, and both from {least} to {greatest}.");

    /// <summary>A side of a picture, in pixels.</summary>
    public static int Side(string owner, int value) => value is >= 1 and <= 1 << 14
        ? value
        : throw new AnnealException($"{owner}: a side of {value} pixels; it must have 1 to {1 << 14}.");
}
