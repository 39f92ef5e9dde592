using Anneal.Onnx;
using Anneal.Zoo.Images;

namespace Anneal.Training.Data;

/// <summary>
/// A folder whose folders are the classes: <c>train/ants/*.jpg</c>, <c>train/bees/*.jpg</c>. Names are sorted by code unit, classes and files
/// alike, and files are looked for at any depth, so that labels and order are those of torchvision's <c>ImageFolder</c>. Files are read when
/// they are asked for; what is not an image then says so.
/// </summary>
public sealed class ImageFolder : IDataset<PictureSample>
{
    private readonly ImageLimits? _limits;
    private readonly string[] _classNames;
    private readonly List<(string Path, int Label)> _files = [];

    /// <summary>Lists the classes and files of a folder.</summary>
    /// <param name="folder">The folder of the classes' folders.</param>
    /// <param name="extensions">The endings of files that count, in any case; null for <see cref="DefaultExtensions"/>.</param>
    /// <param name="limits">How large a picture may be, or null for <see cref="ImageLimits.Default"/>.</param>
    /// <param name="allowsEmptyClasses">Whether a class may be without pictures, for who looks for faults and names them all; by default it is refused.</param>
    /// <exception cref="AnnealException">There is no such folder, it holds no class, a class holds no picture, or a folder cannot be read.</exception>
    public ImageFolder(string folder, IReadOnlyList<string>? extensions = null, ImageLimits? limits = null, bool allowsEmptyClasses = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        (Folder, _limits) = (folder, limits);
        if (!Directory.Exists(folder))
            throw new AnnealException(File.Exists(folder) ? $"{folder} is a file, not a folder of classes." : $"The folder {folder} does not exist.");
        _classNames = [.. Names(folder, Directory.GetDirectories)];
        if (_classNames.Length == 0)
            throw new AnnealException($"{folder} holds no folders: each class needs a folder of its own with its pictures, such as {Path.Combine(folder, "ants")}.");
        var endings = (extensions ?? DefaultExtensions).ToHashSet(StringComparer.OrdinalIgnoreCase);
        for (var label = 0; label < _classNames.Length; label++)
            Collect(Path.Combine(folder, _classNames[label]), label, endings, []);
        if (!allowsEmptyClasses)
            RequirePictures(endings);
    }

    /// <summary>torchvision's: .jpg, .jpeg, .png, .ppm, .bmp, .pgm, .tif, .tiff, .webp.</summary>
    public static IReadOnlyList<string> DefaultExtensions { get; } = [".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp"];

    /// <summary>The folder, as given.</summary>
    public string Folder { get; }

    /// <inheritdoc/>
    public int Count => _files.Count;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames => _classNames;

    /// <summary>Reads a picture; its <see cref="PictureSample.Source"/> is the path.</summary>
    /// <exception cref="InvalidImageException">The file gives no picture.</exception>
    public PictureSample this[int index]
    {
        get
        {
            var (path, label) = _files[index];
            return new(ImageFile.Read(path, _limits), label, path);
        }
    }

    /// <inheritdoc/>
    public int? LabelOf(int index) => _files[index].Label;

    /// <summary>The path of a picture.</summary>
    public string NameOf(int index) => _files[index].Path;

    /// <summary>The path of a picture.</summary>
    public string FileOf(int index) => _files[index].Path;

    // A folder that is linked into itself is entered once only.
    private void Collect(string folder, int label, HashSet<string> endings, HashSet<string> entered)
    {
        if (!entered.Add(new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(folder)))
            return;
        foreach (var name in Names(folder, Directory.GetFiles))
            if (endings.Contains(Path.GetExtension(name)))
                _files.Add((Path.Combine(folder, name), label));
        foreach (var name in Names(folder, Directory.GetDirectories))
            Collect(Path.Combine(folder, name), label, endings, entered);
    }

    private static IEnumerable<string> Names(string folder, Func<string, string[]> list)
    {
        try
        {
            return list(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new AnnealException($"The folder {folder} cannot be read: {error.Message}", error);
        }
    }

    private void RequirePictures(HashSet<string> endings)
    {
        var found = _files.Select(file => file.Label).ToHashSet();
        string[] empty = [.. _classNames.Where((_, label) => !found.Contains(label))];
        if (empty.Length > 0)
            throw new AnnealException(
                $"{Folder}: no pictures in {(empty.Length == 1 ? "class" : "classes")} {string.Join(", ", empty)}; files ending in {string.Join(", ", endings)} count. Add some or remove the folder.");
    }
}
