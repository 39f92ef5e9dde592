using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Training.Tuning;

/// <summary>
/// The folder in which features are kept between runs: a folder for each frozen part with its preprocessing and engine, and in it files of up to some
/// hundred pictures' features, each complete or not there.
/// </summary>
public sealed class FeatureCache
{
    internal const string Ending = ".features";

    /// <summary>The cache in a folder.</summary>
    /// <param name="folder">The folder; null for <see cref="DefaultFolder"/>.</param>
    public FeatureCache(string? folder = null) => Folder = Path.GetFullPath(folder ?? DefaultFolder);

    /// <summary><c>features</c> in <c>ANNEAL_HOME</c>, or in <c>anneal</c> in the platform's folder for caches.</summary>
    /// <exception cref="AnnealException">There is no home folder.</exception>
    public static string DefaultFolder => Path.Combine(ModelCacheLocation.Current(), "features");

    /// <summary>The folder's full path.</summary>
    public string Folder { get; }

    /// <summary>How many bytes its files take.</summary>
    public long SizeBytes => Files().Sum(file => file.Length);

    /// <summary>Removes the features that were used longest ago until no more than so many bytes are left.</summary>
    /// <param name="budgetBytes">The bytes that may stay; 0 clears the cache.</param>
    /// <returns>The bytes that were freed. What the system forbids to remove, because a program reads it just now, stays.</returns>
    public long Trim(long budgetBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(budgetBytes);
        (FileInfo File, long Length)[] files = [.. Files().OrderBy(file => file.LastWriteTimeUtc).Select(file => (file, file.Length))];
        var (size, freed) = (files.Sum(file => file.Length), 0L);
        foreach (var (file, length) in files)
            if (size - freed > budgetBytes && Delete(file))
                freed += length;
        foreach (var folder in Folders().Where(folder => !folder.EnumerateFileSystemInfos().Any()))
            folder.Delete();
        return freed;
    }

    private DirectoryInfo[] Folders() => Directory.Exists(Folder) ? new DirectoryInfo(Folder).GetDirectories() : [];

    /// <summary>Whether an unfinished file is so old that the program that began it was killed.</summary>
    internal static bool IsAbandoned(FileInfo file) =>
        file.Name.EndsWith(".tmp", StringComparison.Ordinal) && DateTime.UtcNow - file.LastWriteTimeUtc > TimeSpan.FromDays(1);

    private IEnumerable<FileInfo> Files() =>
        Folders().SelectMany(folder => folder.EnumerateFiles()).Where(file => file.Name.EndsWith(Ending, StringComparison.Ordinal) || IsAbandoned(file));

    private static bool Delete(FileInfo file)
    {
        try
        {
            file.Delete();
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // In use: the next trim finds it again.
            return false;
        }
    }
}
