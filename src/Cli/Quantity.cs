using System.Globalization;

namespace Anneal.Cli;

/// <summary>Numbers as people read them, the same in every culture.</summary>
internal static class Quantity
{
    private static readonly string[] Units = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"];

    private static readonly string[] Prefixes = ["", "k", "M", "G", "T", "P", "E"];

    /// <summary>Decimal units, as disks and networks count: <c>178.9 MB</c>.</summary>
    public static string Bytes(double bytes)
    {
        var unit = 0;
        for (; Math.Abs(bytes) >= 999.95 && unit < Units.Length - 1; unit++)
            bytes /= 1000;
        return $"{bytes.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>Thousands apart: <c>1,235,496</c>.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Three digits and the prefix of a unit: <c>4.09 G</c>, <c>349 M</c>, <c>12</c>.</summary>
    public static string Scaled(double number)
    {
        var prefix = 0;
        for (; Math.Abs(number) >= 999.5 && prefix < Prefixes.Length - 1; prefix++)
            number /= 1000;
        var format = prefix == 0 || number >= 99.95 ? "0" : number >= 9.995 ? "0.0" : "0.00";
        return $"{number.ToString(format, CultureInfo.InvariantCulture)} {Prefixes[prefix]}".TrimEnd();
    }

    /// <summary>A share of a whole: <c>12.5 %</c>.</summary>
    public static string Share(double part, double whole) =>
        string.Create(CultureInfo.InvariantCulture, $"{(whole == 0 ? 0 : 100 * part / whole):0.0} %");

    /// <summary>A whole number and its noun: <c>1 file</c>, <c>2 files</c>.</summary>
    public static string Of(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>A span in its largest sensible unit: <c>12 s</c>, <c>3 min</c>.</summary>
    public static string Time(TimeSpan span) => span.TotalSeconds switch
    {
        < 90 => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s"),
        < 90 * 60 => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0.0} h"),
    };
}
