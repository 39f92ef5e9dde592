using System.Globalization;

namespace Anneal.Bench;

/// <summary>
/// Two ways of doing one thing, measured in alternating pairs so that whatever else the machine does falls on both alike: the order
/// within a pair swaps from pair to pair. Prints median and quartiles of each and of the ratio within each pair.
/// </summary>
internal sealed class SideBySide
{
    private const int MinimumPairs = 15;
    private readonly string _title;
    private readonly string _unit;
    private readonly (string Name, Func<double> Measure) _first;
    private readonly (string Name, Func<double> Measure) _second;

    /// <param name="title">What is compared.</param>
    /// <param name="unit">The unit of what the measurements give; smaller is better.</param>
    /// <param name="first">The yardstick.</param>
    /// <param name="second">What is measured against it.</param>
    public SideBySide(string title, string unit, (string Name, Func<double> Measure) first, (string Name, Func<double> Measure) second) =>
        (_title, _unit, _first, _second) = (title, unit, first, second);

    /// <summary>Measures and prints.</summary>
    /// <returns>The measurements, pair by pair.</returns>
    public IReadOnlyList<(double First, double Second)> Run(int pairs = 21)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pairs, MinimumPairs);
        _ = (_first.Measure(), _second.Measure());
        var results = Alternate(pairs, _first.Measure, _second.Measure);
        Console.WriteLine($"{_title} ({pairs} alternating pairs, {_unit}: quartile, median, quartile)");
        Print(_first.Name, results.Select(pair => pair.First));
        Print(_second.Name, results.Select(pair => pair.Second));
        Print("difference", results.Select(pair => pair.Second - pair.First));
        Print("ratio", results.Select(pair => pair.Second / pair.First));
        return results;
    }

    /// <summary>Measures alternating pairs.</summary>
    public static (double First, double Second)[] Alternate(int pairs, Func<double> first, Func<double> second) =>
        [.. Enumerable.Range(0, pairs).Select(index => MeasurePair(index, first, second))];

    /// <summary>A quantile of sorted numbers: linear interpolation between the closest ranks.</summary>
    public static double Quantile(double[] sorted, double share)
    {
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }

    private static (double First, double Second) MeasurePair(int index, Func<double> first, Func<double> second)
    {
        if (index % 2 == 0)
        {
            var before = first();
            return (before, second());
        }
        var after = second();
        return (first(), after);
    }

    private static void Print(string name, IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-28} {Quantile(sorted, 0.25),10:F3} {Quantile(sorted, 0.5),10:F3} {Quantile(sorted, 0.75),10:F3}"));
    }
}
