using Anneal.Onnx;

namespace Anneal.Cli.Tuning;

/// <summary>The file that a training ends in, looked after from the beginning: hours of work must not find at their end that it cannot be written.</summary>
/// <param name="Path">The file.</param>
/// <param name="Force">Whether a file that is there is replaced.</param>
internal sealed record TuningOutput(string Path, bool Force)
{
    /// <summary>Where checkpoints go when no folder is named: beside the file, and away with its success.</summary>
    public string CheckpointFolder => Path + ".checkpoint";

    /// <summary>Refuses a place where the file could not be written.</summary>
    /// <exception cref="AnnealException">A file is there already, the folder is missing, or nothing can be written into it.</exception>
    public void RequirePlace()
    {
        if (File.Exists(Path) && !Force)
            throw new AnnealException($"{Path} is there already. Choose another name, or replace it with --force.");
        if (Directory.Exists(Path))
            throw new AnnealException($"{Path} is a folder. Name the file to write: {System.IO.Path.Combine(Path, "tuned.onnx")}.");
        var folder = System.IO.Path.GetDirectoryName(Path)!;
        if (!Directory.Exists(folder))
            throw new AnnealException($"The folder {folder} does not exist. Make it, or write the file elsewhere.");
        var probe = System.IO.Path.Combine(folder, $".{System.IO.Path.GetFileName(Path)}.{Environment.ProcessId}.probe");
        try
        {
            File.Create(probe, 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new AnnealException($"{folder} cannot be written to: {error.Message} Write the file elsewhere.", error);
        }
    }
}
