using Anneal.Onnx;

namespace Anneal.Training.Export;

/// <summary>
/// Where a file is to stand, and the folder beside it in which it is made and proven under its own name, so that external data is found. Nothing appears at
/// the path before <see cref="Commit"/>; disposing leaves nothing else behind.
/// </summary>
internal sealed class ExportPlace : IDisposable
{
    private readonly bool _overwrite;
    private readonly string _folder;

    /// <exception cref="AnnealException">There is a file already that may not be replaced, or the folder cannot be written.</exception>
    public ExportPlace(string path, bool overwrite)
    {
        var full = System.IO.Path.GetFullPath(path);
        Path = new FileInfo(full).LinkTarget is null ? full : File.ResolveLinkTarget(full, returnFinalTarget: true)!.FullName;
        _overwrite = overwrite;
        RequireFree();
        var parent = System.IO.Path.GetDirectoryName(Path)!;
        if (!Directory.Exists(parent))
            throw new AnnealException($"{Path} cannot be written: its folder does not exist.");
        _folder = System.IO.Path.Combine(parent, $".{System.IO.Path.GetFileName(Path)}.{Guid.NewGuid():N}.tmp");
        Made = System.IO.Path.Combine(_folder, System.IO.Path.GetFileName(Path));
        Try(() => Directory.CreateDirectory(_folder));
    }

    /// <summary>The target.</summary>
    public string Path { get; }

    /// <summary>Where the file is made.</summary>
    public string Made { get; }

    /// <summary>The size of what was made, external data included.</summary>
    public long SizeBytes => new DirectoryInfo(_folder).EnumerateFiles().Sum(file => file.Length);

    /// <summary>Writes the file where it is made, down to the disk.</summary>
    /// <exception cref="AnnealException">It cannot be written.</exception>
    public void Write(Model model)
    {
        try
        {
            OnnxFile.Save(model, Made);
        }
        catch (AnnealException e) when (e.InnerException is IOException or UnauthorizedAccessException)
        {
            throw Refused(e.InnerException);
        }
    }

    /// <summary>Puts the file in its place. External data goes first, since the model refers to it.</summary>
    public void Commit()
    {
        RequireFree();
        Try(() =>
        {
            KeepMode();
            if (File.Exists(DataOf(Made)))
                File.Move(DataOf(Made), DataOf(Path), _overwrite);
            File.Move(Made, Path, _overwrite);
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private static string DataOf(string path) => path + ".data";

    private void RequireFree()
    {
        if (Directory.Exists(Path))
            throw new AnnealException($"{Path} is a folder. Name a file in it.");
        foreach (var taken in new[] { Path, DataOf(Path) })
            if (File.Exists(taken) && !_overwrite)
                throw new AnnealException($"{taken} is there already. Choose another name, or have it replaced with {nameof(ExportOptions)}.{nameof(ExportOptions.Overwrite)}.");
    }

    /// <summary>A replaced file's permissions are kept.</summary>
    private void KeepMode()
    {
        if (!OperatingSystem.IsWindows() && File.Exists(Path))
            File.SetUnixFileMode(Made, File.GetUnixFileMode(Path));
    }

    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused(e);
        }
    }

    private AnnealException Refused(Exception cause) => new($"{Path} cannot be written: {cause.Message} Nothing was left there.", cause);
}
