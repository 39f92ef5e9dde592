using System.Globalization;
using System.Text.Json;

namespace Anneal.Bench.Gpu;

/// <summary>
/// The table of CS231n's lecture 8: for each net the milliseconds of forward and backward at one batch on the processor and on the GPU, and how many times as fast
/// the GPU is; ours first, then whatever else was measured.
/// </summary>
internal static class LectureTable
{
    private const string What = "forward and backward ";

    public static void Print(string path)
    {
        var times = File.ReadLines(path).Where(line => line.StartsWith('{')).Select(Read).Where(time => time.What.StartsWith(What, StringComparison.Ordinal)).ToArray();
        string[] columns = [.. times.Select(time => time.Column).Distinct()];
        Console.WriteLine($"| net | batch | {string.Join(" | ", columns.Select(column => $"{column}, ms"))} | ours, GPU over processor |");
        Console.WriteLine($"|---|---|{string.Concat(columns.Select(_ => "---|"))}---|");
        foreach (var net in times.GroupBy(time => time.What[What.Length..]))
            Console.WriteLine($"| {net.Key} | {net.First().Batch} | {string.Join(" | ", columns.Select(column => Milliseconds(net, column)))} | {Ratio(net)} |");
    }

    private static Time Read(string line)
    {
        using var document = JsonDocument.Parse(line);
        var entry = document.RootElement;
        return new(
            entry.GetProperty("what").GetString()!, $"{entry.GetProperty("engine").GetString()} on {entry.GetProperty("device").GetString()}",
            entry.TryGetProperty("batch", out var batch) ? batch.GetInt32() : 0, entry.GetProperty("milliseconds").GetDouble());
    }

    private static string Milliseconds(IEnumerable<Time> times, string column) => times.FirstOrDefault(time => time.Column == column) is { } time
        ? time.Milliseconds.ToString("F1", CultureInfo.InvariantCulture)
        : "";

    private static string Ratio(IEnumerable<Time> times)
    {
        var ours = times.Where(time => time.Column.StartsWith("anneal", StringComparison.Ordinal)).ToLookup(time => time.Column.EndsWith(" cpu", StringComparison.Ordinal), time => time.Milliseconds);
        return ours[true].Any() && ours[false].Any() ? string.Create(CultureInfo.InvariantCulture, $"{ours[true].First() / ours[false].First():F1}×") : "";
    }

    private sealed record Time(string What, string Column, int Batch, double Milliseconds);
}
