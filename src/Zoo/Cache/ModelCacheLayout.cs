using System.Text.Json;
using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>
/// The folders of a cache. <c>blobs/sha256/DIGEST/NAME.onnx</c> is always a complete, verified file, <c>about.json</c> beside it says where it
/// came from; <c>partial/</c> holds what is still coming; <c>locks/</c> one empty file for each digest that was ever fetched.
/// </summary>
internal sealed class ModelCacheLayout(string root)
{
    /// <summary>How the folders of imports under way begin.</summary>
    public const string ImportPrefix = "import-";

    private const string About = "about.json";

    /// <summary>The folder of all.</summary>
    public string Root => root;

    /// <summary>The unfinished file of a digest.</summary>
    public string Partial(string sha256) => Path.Combine(Partials, sha256);

    /// <summary>The lock of a digest.</summary>
    public string Lock(string sha256) => Path.Combine(root, "locks", sha256 + ".lock");

    /// <summary>Makes the folders.</summary>
    public void Create()
    {
        Directory.CreateDirectory(Blobs);
        Directory.CreateDirectory(Partials);
        Directory.CreateDirectory(Path.Combine(root, "locks"));
    }

    /// <summary>The file of a digest, whatever its length, or null.</summary>
    public FileInfo? Blob(string sha256)
    {
        try
        {
            return new DirectoryInfo(BlobFolder(sha256)).EnumerateFiles("*.onnx").FirstOrDefault();
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>What is recorded of a file; without a record, what the file itself tells.</summary>
    public static BlobRecord Record(FileInfo blob)
    {
        try
        {
            var path = Path.Combine(blob.DirectoryName!, About);
            if (File.Exists(path) && JsonSerializer.Deserialize(File.ReadAllBytes(path), CacheJson.Default.BlobRecord) is { } record)
                return record;
        }
        catch (JsonException)
        {
            // Names and dates are for lists alone; the file stands for itself.
        }
        return new BlobRecord([Path.GetFileNameWithoutExtension(blob.Name)], blob.Length, null, blob.LastWriteTimeUtc);
    }

    /// <summary>Moves a complete, verified file into its place; the record is there before the file is.</summary>
    public string Publish(string from, string sha256, string fileName, BlobRecord record)
    {
        var folder = Directory.CreateDirectory(BlobFolder(sha256)).FullName;
        WriteRecord(folder, record);
        var path = Path.Combine(folder, fileName);
        File.Move(from, path, overwrite: true);
        return path;
    }

    /// <summary>Replaces what is recorded of a file that is there.</summary>
    public static void Rewrite(FileInfo blob, BlobRecord record) => WriteRecord(blob.DirectoryName!, record);

    /// <summary>Removes a file with its record; says how many bytes that frees.</summary>
    public long Remove(string sha256)
    {
        var bytes = Blob(sha256)?.Length ?? 0;
        if (Directory.Exists(BlobFolder(sha256)))
            Directory.Delete(BlobFolder(sha256), recursive: true);
        return bytes;
    }

    /// <summary>All files, by digest.</summary>
    public IEnumerable<(string Sha256, FileInfo File)> All()
    {
        var folder = new DirectoryInfo(Blobs);
        if (!folder.Exists)
            yield break;
        foreach (var digest in folder.EnumerateDirectories().Select(d => d.Name).Order(StringComparer.Ordinal))
            if (Blob(digest) is { } file)
                yield return (digest, file);
    }

    /// <summary>The digests of which a part is here.</summary>
    public IEnumerable<(string Sha256, FileInfo File)> AllPartials()
    {
        var folder = new DirectoryInfo(Partials);
        return folder.Exists
            ? folder.EnumerateFiles().Where(file => file.Name.Length == 64).OrderBy(file => file.Name, StringComparer.Ordinal).Select(file => (file.Name, file))
            : [];
    }

    /// <summary>The folders of imports, under way or cut off.</summary>
    public IEnumerable<DirectoryInfo> AllImports() => new DirectoryInfo(Partials).EnumerateDirectories(ImportPrefix + "*");

    /// <summary>A name for the file that tells what it is and is safe on every platform: the last part of the first address.</summary>
    public static string FileName(IReadOnlyList<Uri> sources, string what)
    {
        var last = sources.Count == 0 ? what : Uri.UnescapeDataString(sources[0].Segments[^1]);
        var name = last.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? last[..^".onnx".Length] : last;
        var stem = new string([.. name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-')]).Trim('.', '-');
        return stem.Length == 0 ? "model.onnx" : $"{stem[..Math.Min(stem.Length, 100)]}.onnx";
    }

    private string Partials => Path.Combine(root, "partial");

    private string Blobs => Path.Combine(root, "blobs", "sha256");

    private string BlobFolder(string sha256) => Path.Combine(Blobs, sha256);

    private static void WriteRecord(string folder, BlobRecord record) =>
        AtomicFile.Write(Path.Combine(folder, About), file => JsonSerializer.Serialize(file, record, CacheJson.Default.BlobRecord));
}

/// <summary>What is recorded beside a cached file.</summary>
/// <param name="Names">What it was asked for as, in the order of asking.</param>
/// <param name="SizeBytes">Its length when it was verified.</param>
/// <param name="Source">The address that completed it, or null for one from a bundle.</param>
/// <param name="AddedAt">When it came.</param>
internal sealed record BlobRecord(IReadOnlyList<string> Names, long SizeBytes, string? Source, DateTimeOffset AddedAt);
