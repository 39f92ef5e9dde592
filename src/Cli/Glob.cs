using System.Text;

namespace Anneal.Cli;

/// <summary>
/// Patterns for paths, as shells have them: <c>*</c>, <c>?</c> and <c>[a-z]</c> or <c>[!a-z]</c> within a name, <c>**</c> for any number of
/// folders. A name that starts with a dot is matched only by a pattern that does. Case counts, except on Windows.
/// </summary>
internal sealed class Glob
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private readonly string[] _segments;
    private readonly string _root;
    private readonly Action<string> _unreadable;

    /// <param name="pattern">The pattern.</param>
    /// <param name="unreadable">Told of each folder that may not be listed.</param>
    public Glob(string pattern, Action<string> unreadable)
    {
        _unreadable = unreadable;
        _root = Path.GetPathRoot(pattern) ?? "";
        _segments = pattern[_root.Length..].Split(Separators, StringSplitOptions.RemoveEmptyEntries);
    }

    private static char[] Separators => OperatingSystem.IsWindows() ? ['/', '\\'] : ['/'];

    /// <summary>Whether a text holds any of the characters that make it a pattern.</summary>
    public static bool IsPattern(string text) => text.AsSpan().ContainsAny('*', '?', '[');

    /// <summary>Every path that matches, files and folders, each once, in no particular order.</summary>
    public IReadOnlyCollection<string> Find()
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        Descend(_root, 0, found);
        return found;
    }

    /// <summary>Whether a name matches one segment of a pattern.</summary>
    public static bool Matches(string name, string pattern)
    {
        if (name.StartsWith('.') && !pattern.StartsWith('.'))
            return false;
        return Matches(Runes(name), Runes(pattern));
    }

    private void Descend(string folder, int segment, HashSet<string> found)
    {
        if (segment == _segments.Length)
        {
            found.Add(folder);
            return;
        }
        var pattern = _segments[segment];
        if (pattern == "**")
            DescendAnywhere(folder, segment, found);
        else if (!IsPattern(pattern))
            Step(Path.Combine(folder, pattern), segment, found);
        else
            foreach (var entry in Entries(folder).Where(entry => Matches(entry.Name, pattern)))
                Step(Path.Combine(folder, entry.Name), segment, found);
    }

    /// <summary><c>**</c> stands for no folder at all or for any number of them; as the last segment it stands for all files below.</summary>
    private void DescendAnywhere(string folder, int segment, HashSet<string> found)
    {
        var isLast = segment == _segments.Length - 1;
        if (!isLast)
            Descend(folder, segment + 1, found);
        foreach (var entry in Entries(folder).Where(entry => !entry.Name.StartsWith('.')))
        {
            var path = Path.Combine(folder, entry.Name);
            if (IsFolder(entry) && entry.LinkTarget is null)
                DescendAnywhere(path, segment, found);
            else if (isLast && !IsFolder(entry))
                found.Add(path);
        }
    }

    private void Step(string path, int segment, HashSet<string> found)
    {
        var isLast = segment == _segments.Length - 1;
        if (isLast ? Path.Exists(path) : Directory.Exists(path))
            Descend(path, segment + 1, found);
    }

    private List<FileSystemInfo> Entries(string folder)
    {
        try
        {
            return [.. new DirectoryInfo(folder.Length == 0 ? "." : folder).EnumerateFileSystemInfos("*", Everything)];
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            _unreadable(folder);
            return [];
        }
    }

    private static bool IsFolder(FileSystemInfo entry) => entry.Attributes.HasFlag(FileAttributes.Directory);

    private static Rune[] Runes(string text) =>
        [.. (OperatingSystem.IsWindows() ? text.ToUpperInvariant() : text).EnumerateRunes()];

    /// <summary>Walks name and pattern side by side; on a mismatch the last star takes one more character and the walk starts again after it.</summary>
    private static bool Matches(ReadOnlySpan<Rune> name, ReadOnlySpan<Rune> pattern)
    {
        int n = 0, p = 0, starPattern = -1, starName = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p].Value == '*')
                (starPattern, starName, p) = (p, n, p + 1);
            else if (p < pattern.Length && MatchesOne(name[n], pattern[p..], out var length))
                (n, p) = (n + 1, p + length);
            else if (starPattern >= 0)
                (n, p) = (++starName, starPattern + 1);
            else
                return false;
        }
        while (p < pattern.Length && pattern[p].Value == '*')
            p++;
        return p == pattern.Length;
    }

    private static bool MatchesOne(Rune character, ReadOnlySpan<Rune> pattern, out int length)
    {
        length = 1;
        if (pattern[0].Value == '[' && ClassEnd(pattern) is var end and > 0)
        {
            length = end + 1;
            return MatchesClass(character, pattern[1..end]);
        }
        return pattern[0].Value == '?' || pattern[0] == character;
    }

    /// <summary>Where the class that starts here is closed, or -1 when it never is; a bracket right after the opening one is a member.</summary>
    private static int ClassEnd(ReadOnlySpan<Rune> pattern)
    {
        var first = pattern.Length > 1 && IsNegation(pattern[1]) ? 2 : 1;
        for (var i = first + 1; i < pattern.Length; i++)
            if (pattern[i].Value == ']')
                return i;
        return -1;
    }

    private static bool MatchesClass(Rune character, ReadOnlySpan<Rune> members)
    {
        var isNegated = IsNegation(members[0]);
        var isMember = false;
        for (var i = isNegated ? 1 : 0; i < members.Length; i++)
        {
            var isRange = i + 2 < members.Length && members[i + 1].Value == '-';
            var last = isRange ? members[i + 2] : members[i];
            isMember |= members[i] <= character && character <= last;
            i += isRange ? 2 : 0;
        }
        return isMember != isNegated;
    }

    private static bool IsNegation(Rune character) => character.Value is '!' or '^';
}
