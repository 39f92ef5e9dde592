using System.Text;

namespace Anneal.Zoo;

/// <summary>Recognises what servers send in place of a model: a Git-LFS pointer, a page for people, an error document.</summary>
internal static class Lookalike
{
    /// <summary>How many bytes are enough to tell.</summary>
    public const int ProbeBytes = 512;

    /// <summary>Says what these first bytes are, with advice, or null when they may be a model.</summary>
    public static string? Name(ReadOnlySpan<byte> head)
    {
        var text = Encoding.Latin1.GetString(head[..Math.Min(head.Length, ProbeBytes)]).TrimStart('\u00EF', '\u00BB', '\u00BF', ' ', '\t', '\r', '\n');
        if (text.StartsWith("version https://git-lfs.github.com/spec/", StringComparison.Ordinal))
            return $"a Git-LFS pointer{PointsTo(text)} instead of the file itself; the address must be the one for media, or git lfs pull must be run first";
        if (text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase))
            return $"an HTML page{Title(text)} instead of the file; the address may need a login, or lead to a page about the file";
        return text.StartsWith("<?xml", StringComparison.OrdinalIgnoreCase) ? "an XML document instead of the file" : null;
    }

    private static string PointsTo(string pointer)
    {
        var facts = pointer.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("oid ", StringComparison.Ordinal) || line.StartsWith("size ", StringComparison.Ordinal));
        return string.Join(", ", facts) is { Length: > 0 } all ? $" ({all})" : "";
    }

    private static string Title(string page)
    {
        var start = page.IndexOf("<title>", StringComparison.OrdinalIgnoreCase);
        var end = start < 0 ? -1 : page.IndexOf("</title>", start, StringComparison.OrdinalIgnoreCase);
        return end < 0 ? "" : $" titled '{page[(start + "<title>".Length)..end].Trim()}'";
    }
}
