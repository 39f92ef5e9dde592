using Anneal.Zoo.Images;

namespace Anneal.Cli;

/// <summary>One thing to classify, or the reason why there is nothing.</summary>
/// <param name="File">The path, spelled as it was given or found.</param>
/// <param name="Error">Null when there is a file to look at.</param>
internal sealed record Input(string File, string? Error = null);

/// <summary>
/// What a person gave, as a list of files. A path that exists is itself, whatever characters it holds; a folder is all files below it,
/// whatever their names, in ordinal order; anything with <c>*</c>, <c>?</c> or <c>[</c> is a pattern and is everything it matches, in
/// ordinal order. An IDX file of pictures, the format of MNIST, is all its pictures: <c>FILE#0</c>, <c>FILE#1</c> and so on; only files with
/// "idx" in their name are looked into, so that a folder of photos is not opened twice. What stands for nothing stays in the list with an error, so that a caller gets an answer for all it asked.
/// </summary>
internal sealed class InputList
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private readonly List<Input> _inputs = [];
    private readonly List<string> _notices = [];

    private InputList() { }

    /// <summary>The inputs, in the order given.</summary>
    public IReadOnlyList<Input> Inputs => _inputs;

    /// <summary>What was left out on purpose.</summary>
    public IReadOnlyList<string> Notices => _notices;

    public static InputList Expand(IEnumerable<string> given)
    {
        var list = new InputList();
        foreach (var path in given)
            list.Add(path);
        return list;
    }

    private void Add(string given)
    {
        if (Directory.Exists(given))
            AddFolder(given);
        else if (File.Exists(given))
            AddAll([new(given)]);
        else if (IdxPicture.TryParse(given, out _))
            _inputs.Add(new(given));
        else if (Glob.IsPattern(given))
            AddPattern(given);
        else
            _inputs.Add(new(given, $"There is no file or folder '{given}'."));
    }

    private void AddFolder(string folder)
    {
        var inputs = FilesBelow(folder);
        if (inputs.Count == 0)
            _inputs.Add(new(folder, $"There is no file in the folder '{folder}'."));
        AddAll(Sorted(inputs));
    }

    private void AddPattern(string pattern)
    {
        var inputs = new List<Input>();
        var matches = new Glob(pattern, folder => inputs.Add(Unlistable(folder))).Find();
        foreach (var match in matches)
            inputs.AddRange(Directory.Exists(match) ? FilesBelow(match) : [new(match)]);
        if (inputs.Count == 0)
            _inputs.Add(new(pattern, $"Nothing matches '{pattern}'."));
        AddAll(Sorted(inputs).DistinctBy(input => input.File));
    }

    private void AddAll(IEnumerable<Input> inputs)
    {
        foreach (var input in inputs)
        {
            if (input.Error is null && LooksLikeIdx(input.File) && IdxPicture.CountIn(input.File) is { } count)
                _inputs.AddRange(Enumerable.Range(0, count).Select(index => new Input(new IdxPicture(input.File, index).ToString())));
            else
                _inputs.Add(input);
        }
    }

    private static bool LooksLikeIdx(string path) => Path.GetFileName(path.AsSpan()).Contains("idx", StringComparison.OrdinalIgnoreCase);

    private List<Input> FilesBelow(string folder)
    {
        var found = new List<Input>();
        var folders = new Stack<string>([folder]);
        while (folders.TryPop(out var next))
        {
            try
            {
                foreach (var entry in new DirectoryInfo(next).EnumerateFileSystemInfos("*", Everything))
                    Sort(entry, Path.Combine(next, entry.Name), folders, found);
            }
            catch (Exception error) when (error is UnauthorizedAccessException or IOException)
            {
                found.Add(Unlistable(next));
            }
        }
        return found;
    }

    /// <summary>A link to a folder is not followed: it may lead back to where we are.</summary>
    private void Sort(FileSystemInfo entry, string path, Stack<string> folders, List<Input> files)
    {
        if (!entry.Attributes.HasFlag(FileAttributes.Directory))
            files.Add(new(path, Emptiness(path)));
        else if (entry.LinkTarget is null)
            folders.Push(path);
        else
            _notices.Add($"'{path}' is a link to a folder and was not followed; give it as an input of its own.");
    }

    /// <summary>Nothing is opened that could wait for a writer for ever: pipes and devices have no length, as an empty file has none.</summary>
    private static string? Emptiness(string path)
    {
        var target = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) ?? new FileInfo(path);
        return target is FileInfo { Exists: true, Length: 0 } ? $"'{path}' is empty, so it is no picture." : null;
    }

    private static Input Unlistable(string folder) => new(folder, $"The folder '{folder}' may not be listed.");

    /// <summary>Ordinal order of the whole path, with the same separator everywhere.</summary>
    private static IEnumerable<Input> Sorted(IEnumerable<Input> inputs) =>
        inputs.OrderBy(input => input.File.Replace(Path.DirectorySeparatorChar, '/'), StringComparer.Ordinal);
}
