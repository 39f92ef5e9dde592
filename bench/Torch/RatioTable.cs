using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text;
using System.Text.Json;
using Anneal.Training.Cpu;

namespace Anneal.Bench.Torch;

/// <summary>Pairs of measurements as rows: medians of both sides, and quartiles of how many times longer ours took within a pair.</summary>
internal sealed class RatioTable
{
    private readonly List<Row> _rows = [];

    /// <summary>Measures a row in alternating pairs.</summary>
    public void Add(string name, int pairs, Func<double> theirs, Func<double> ours) =>
        Add(name, SideBySide.Alternate(pairs, theirs, ours));

    /// <summary>Adds a row that was measured already.</summary>
    public void Add(string name, IEnumerable<(double Theirs, double Ours)> pairs)
    {
        var measured = pairs.ToArray();
        var row = new Row(name, measured.Length,
            Quartile(measured.Select(pair => pair.Theirs), 0.5), Quartile(measured.Select(pair => pair.Ours), 0.5),
            [.. new[] { 0.25, 0.5, 0.75 }.Select(share => Quartile(measured.Select(pair => pair.Ours / pair.Theirs), share))]);
        _rows.Add(row);
        Console.WriteLine(row);
    }

    /// <summary>Writes the table as markdown and as JSON.</summary>
    public void Write(CompareOptions options)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Out))!);
        File.WriteAllText(options.Out + ".md", Markdown(options));
        File.WriteAllBytes(options.Out + ".json", Json(options));
        Console.WriteLine($"{options.Out}.md, {options.Out}.json");
    }

    private static double Quartile(IEnumerable<double> values, double share) => SideBySide.Quantile([.. values.Order()], share);

    private string Markdown(CompareOptions options)
    {
        var text = new StringBuilder();
        text.AppendLine("# Eager training beside libtorch").AppendLine();
        text.AppendLine(Machine()).AppendLine();
        text.AppendLine($"Alternating pairs{(options.IsQuick ? ", quick" : "")}; milliseconds are medians, the ratio is ours over libtorch's within a pair (quartile, median, quartile).").AppendLine();
        text.AppendLine("| what | pairs | libtorch ms | ours ms | ratio |").AppendLine("|---|---|---|---|---|");
        foreach (var row in _rows)
            text.AppendLine(row.Line);
        return text.ToString();
    }

    private byte[] Json(CompareOptions options)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new() { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("machine", Machine());
            writer.WriteBoolean("quick", options.IsQuick);
            writer.WriteStartArray("rows");
            foreach (var row in _rows)
                row.Write(writer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return stream.ToArray();
    }

    private static string Machine()
    {
        const string Model = "model name";
        var name = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(Model, StringComparison.Ordinal))?.Split(':')[1].Trim()
            : null;
        var vectors = Vector512.IsHardwareAccelerated ? "AVX-512" : Avx2.IsSupported ? "AVX2" : Vector128.IsHardwareAccelerated ? "128-bit vectors" : "no vectors";
        return $"Machine: {Workers.ThreadCount} threads on {Environment.ProcessorCount} cores of {name ?? RuntimeInformation.ProcessArchitecture.ToString()} ({vectors}), {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}.";
    }

    private sealed record Row(string Name, int Pairs, double Theirs, double Ours, double[] Ratios)
    {
        public string Line => string.Create(CultureInfo.InvariantCulture,
            $"| {Name} | {Pairs} | {Theirs:F2} | {Ours:F2} | {Ratios[0]:F2} / {Ratios[1]:F2} / {Ratios[2]:F2} |");

        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{Name,-44} libtorch {Theirs,9:F2} ms   ours {Ours,9:F2} ms   ratio {Ratios[0]:F2} / {Ratios[1]:F2} / {Ratios[2]:F2}");

        public void Write(Utf8JsonWriter writer)
        {
            writer.WriteStartObject();
            writer.WriteString("name", Name);
            writer.WriteNumber("pairs", Pairs);
            writer.WriteNumber("libtorchMs", Theirs);
            writer.WriteNumber("oursMs", Ours);
            writer.WriteStartArray("ratio");
            foreach (var ratio in Ratios)
                writer.WriteNumberValue(ratio);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
    }
}
