using System.Globalization;
using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Training.Checkpoints;

/// <summary>
/// The checkpoints of one training: the latest, the one before it, and the best. A new one is whole and on the disk before an old one goes. The
/// folder is locked while it is open, so that no two trainings write into it; the lock goes with the process, however that ends.
/// </summary>
public sealed class CheckpointFolder : IDisposable
{
    private const string Ending = ".safetensors";
    private const string Prefix = "checkpoint-";
    private const string BestFile = "best" + Ending;
    private const string LockFile = ".lock";

    private readonly FileLock _lock;

    /// <summary>Opens a folder, which is made where it is missing, and removes what a killed process left half-written in it.</summary>
    /// <exception cref="AnnealException">Another training has it open, or it cannot be made or written into.</exception>
    public CheckpointFolder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Folder = System.IO.Path.GetFullPath(path);
        _lock = Guard(() =>
        {
            Directory.CreateDirectory(Folder);
            return FileLock.TryAcquire(PathOf(LockFile));
        }) ?? throw new AnnealException($"{Folder} is in use by another training. Wait for it to end, or give this one a folder of its own.");
        Delete(Directory.GetFiles(Folder, $"*{Ending}.*.tmp"));
    }

    /// <summary>The folder's full path.</summary>
    public string Folder { get; }

    /// <summary>Whether there is nothing to go on from.</summary>
    public bool IsEmpty => Numbered().Count == 0 && !File.Exists(PathOf(BestFile));

    /// <summary>Where the latest checkpoint is; null where there is none.</summary>
    public string? LatestPath => Numbered() is [.., var (_, path)] ? path : null;

    /// <summary>Saves a checkpoint as the latest one. The one before it stays, those before that go.</summary>
    /// <exception cref="AnnealException">It cannot be written; then the others are as they were.</exception>
    public void Save(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        var before = Numbered();
        checkpoint.Save(PathOf(NameOf(before is [.., var (last, _)] ? last + 1 : 1)));
        Delete(before.SkipLast(1).Select(numbered => numbered.Path));
    }

    /// <summary>The latest checkpoint, or null where there is none.</summary>
    /// <param name="onDamaged">
    /// Takes a damaged latest checkpoint's error; then the one before it is given. Without it, a damaged one is an error.
    /// </param>
    /// <exception cref="InvalidCheckpointException">The latest checkpoint is damaged: the message names it and the one before. With <paramref name="onDamaged"/>: all are.</exception>
    public Checkpoint? Latest(Action<InvalidCheckpointException>? onDamaged = null)
    {
        var paths = Numbered().ConvertAll(numbered => numbered.Path);
        paths.Reverse();
        for (var i = 0; i < paths.Count; i++)
            try
            {
                return Checkpoint.Load(paths[i]);
            }
            catch (InvalidCheckpointException damage)
            {
                var next = i + 1 < paths.Count ? paths[i + 1] : null;
                if (onDamaged is null || next is null)
                    throw new InvalidCheckpointException($"{damage.Message} {Advice(paths[i], next)}", damage);
                onDamaged(damage);
            }
        return null;
    }

    /// <summary>Saves a checkpoint as the best one, in the place of the one before.</summary>
    /// <exception cref="AnnealException">It cannot be written; then the one before is still there.</exception>
    public void SaveBest(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        checkpoint.Save(PathOf(BestFile));
    }

    /// <summary>The best checkpoint, or null where none was saved.</summary>
    /// <exception cref="InvalidCheckpointException">It is damaged.</exception>
    public Checkpoint? Best() => File.Exists(PathOf(BestFile)) ? Checkpoint.Load(PathOf(BestFile)) : null;

    /// <summary>
    /// Removes the checkpoints of a training that is done with, and the folder where nothing else is in it. A folder that is not there is no fault.
    /// </summary>
    /// <exception cref="AnnealException">Another training has it open, or something cannot be removed.</exception>
    public static void Remove(string path)
    {
        if (!Directory.Exists(path))
            return;
        using (var folder = new CheckpointFolder(path))
            folder.Clear();
        File.Delete(System.IO.Path.Combine(path, LockFile));
        if (!Directory.EnumerateFileSystemEntries(path).Any())
            Directory.Delete(path);
    }

    /// <summary>Lets other trainings have the folder.</summary>
    public void Dispose() => _lock.Dispose();

    private void Clear() => Guard(() =>
    {
        foreach (var (_, path) in Numbered())
            File.Delete(path);
        File.Delete(PathOf(BestFile));
        return true;
    });

    private static string Advice(string damaged, string? before) => before is null
        ? "There is no other one: begin anew in an empty folder."
        : $"The one before it is {before}: delete {System.IO.Path.GetFileName(damaged)} to go on from there.";

    private List<(long Number, string Path)> Numbered()
    {
        var found = new List<(long Number, string Path)>();
        foreach (var path in Directory.GetFiles(Folder, $"{Prefix}*{Ending}"))
            if (long.TryParse(System.IO.Path.GetFileName(path.AsSpan())[Prefix.Length..^Ending.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                found.Add((number, path));
        found.Sort();
        return found;
    }

    private void Delete(IEnumerable<string> paths) => Guard(() =>
    {
        foreach (var path in paths)
            File.Delete(path);
        return true;
    });

    private static string NameOf(long number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:D8}{Ending}");

    private string PathOf(string name) => System.IO.Path.Combine(Folder, name);

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new AnnealException($"{Folder} cannot hold checkpoints: {error.Message} Give a folder that can be written into.", error);
        }
    }
}
