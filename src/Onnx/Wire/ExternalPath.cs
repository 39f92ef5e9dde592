namespace Anneal.Onnx.Wire;

/// <summary>Finds the file that external data names, and refuses any that is not under the model's folder.</summary>
internal static class ExternalPath
{
    private const int MaxLinks = 40;

    /// <summary>The resolved path, without symbolic links.</summary>
    /// <exception cref="InvalidModelException">The path leads out of the folder, as given or as resolved.</exception>
    public static string Resolve(string tensor, string folder, string location)
    {
        var parts = location.Split('/', '\\');
        var isRooted = Path.IsPathRooted(location) || location[0] is '/' or '\\' || (location.Length > 1 && location[1] == ':');
        if (isRooted || location.Contains('\0', StringComparison.Ordinal) || LeadsOut(parts) || Array.Exists(parts, IsStripped))
            throw Outside(tensor, location, folder, "as given");
        var root = Real(Path.GetFullPath(folder));
        var real = Real(Path.Combine(root, Path.Combine(OperatingSystem.IsWindows() ? parts : location.Split('/'))));
        return IsUnder(root, real) ? real : throw Outside(tensor, location, folder, $"it leads to {real}");
    }

    /// <summary>Whether walking the parts ever steps above where it started.</summary>
    private static bool LeadsOut(string[] parts)
    {
        var depth = 0;
        foreach (var part in parts)
        {
            depth += part switch { "" or "." => 0, ".." => -1, _ => 1 };
            if (depth < 0)
                return true;
        }
        return depth == 0;
    }

    /// <summary>Whether Windows takes a name for another one by dropping dots and spaces at its end: <c>".. "</c> would be <c>".."</c>.</summary>
    private static bool IsStripped(string part) => part is not ("." or "..") && part.Length > 0 && part[^1] is '.' or ' ';

    private static bool IsUnder(string root, string path) =>
        path.StartsWith(Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The path with every symbolic link on the way followed, part by part; ".." is taken after the links before it.</summary>
    private static string Real(string path)
    {
        var links = 0;
        var root = Path.GetPathRoot(path)!;
        var waiting = new Stack<string>(path[root.Length..].Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Reverse());
        var real = root;
        while (waiting.TryPop(out var part))
        {
            if (part is "" or ".")
                continue;
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? root;
                continue;
            }
            var next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }
            if (++links > MaxLinks)
                throw new InvalidModelException($"{path} goes through more than {MaxLinks} symbolic links.");
            if (Path.IsPathRooted(target))
                real = Path.GetPathRoot(target)!;
            foreach (var step in target[(Path.IsPathRooted(target) ? real.Length : 0)..].Split(Path.DirectorySeparatorChar).Reverse())
                waiting.Push(step);
        }
        return real;
    }

    private static InvalidModelException Outside(string tensor, string location, string folder, string how) => new(
        $"Tensor '{tensor}' lies in '{location}' ({how}), which is not under the model's folder {folder}. External data elsewhere is refused; move it beside the model.");
}
