using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Anneal.Onnx;
using Anneal.Runtime;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Bench;

/// <summary>
/// Opening a 550 MB model by path: ours, with its SHA-256 checked meanwhile, against bare ONNX Runtime. Each opening happens in a process
/// of its own, since a process' peak memory never falls. Bar: at most 1.15 times the time and 1.1 times the peak.
/// </summary>
internal static class ModelOpen
{
    public static int Run(string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("anneal-open-");
        try
        {
            var path = args is [var given] ? given : BenchModels.SaveVgg16(Path.Combine(folder.FullName, "vgg16.onnx"));
            var digest = Digest(path);
            Console.WriteLine($"{new FileInfo(path).Length:N0} bytes, SHA-256 {digest}");
            var peaks = (Bare: new List<double>(), Ours: new List<double>());
            new SideBySide("open by path, time", "ms",
                ("ONNX Runtime", () => Child("bare", path, digest, peaks.Bare)),
                ("Anneal, SHA-256 checked", () => Child("anneal", path, digest, peaks.Ours))).Run(15);
            PrintPeaks(peaks.Bare, peaks.Ours);
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>One opening: <c>bare|anneal PATH SHA256</c>; prints milliseconds and the peak in KiB.</summary>
    public static int RunChild(string[] args)
    {
        var start = Stopwatch.GetTimestamp();
        using var session = Open(args[0], args[1], args[2]);
        var elapsed = Stopwatch.GetElapsedTime(start);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalMilliseconds} {PeakKibibytes()}"));
        return 0;
    }

    private static IDisposable Open(string way, string path, string digest) => way == "bare"
        ? new InferenceSession(path)
        : new OrtEngine().Open(ModelSource.FromFile(path, digest), new() { Device = Device.Cpu });

    // VmHWM is the largest resident size that the process ever had.
    private static long PeakKibibytes() => long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        CultureInfo.InvariantCulture);

    private static double Child(string way, string path, string digest, List<double> peaks)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(ModelOpen).Assembly.Location, "model-open-child", way, path, digest]) { RedirectStandardOutput = true };
        using var child = Process.Start(start)!;
        var parts = child.StandardOutput.ReadToEnd().Split(' ');
        child.WaitForExit();
        if (child.ExitCode != 0)
            throw new InvalidOperationException($"The child '{way}' ended with {child.ExitCode}.");
        peaks.Add(double.Parse(parts[1], CultureInfo.InvariantCulture) / 1024);
        return double.Parse(parts[0], CultureInfo.InvariantCulture);
    }

    private static string Digest(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static void PrintPeaks(List<double> bare, List<double> ours)
    {
        var (first, second) = (bare.Order().ElementAt(bare.Count / 2), ours.Order().ElementAt(ours.Count / 2));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak memory, median: ONNX Runtime {first:F0} MiB, Anneal {second:F0} MiB, ratio {second / first:F3}"));
    }
}
