using System.Globalization;

namespace Anneal.Zoo.Tests.Images;

/// <summary>The most memory this process has held at a time, where the system counts it (Linux); 0 elsewhere.</summary>
internal static class PeakMemory
{
    /// <summary>Starts counting anew and returns what is held now, in bytes.</summary>
    internal static long Restart()
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        File.WriteAllText("/proc/self/clear_refs", "5");
        return Read();
    }

    /// <summary>The most that was held since the count started, in bytes.</summary>
    internal static long Read() => 1024 * long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))[6..^2],
        NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
}
