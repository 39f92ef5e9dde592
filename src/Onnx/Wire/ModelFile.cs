using Microsoft.Win32.SafeHandles;

namespace Anneal.Onnx.Wire;

/// <summary>Opens files to read, and says what is wrong when there is nothing to open.</summary>
internal static class ModelFile
{
    public static SafeFileHandle Open(string path)
    {
        var facts = FileFacts.Of(path) ?? throw new AnnealException(Directory.Exists(Path.GetDirectoryName(path))
            ? $"There is no file {path}."
            : $"There is no file {path}: its folder does not exist.");
        if (!facts.IsOrdinary)
            throw new AnnealException(Directory.Exists(path)
                ? $"{path} is a folder; expected an ONNX file. Name the file inside it."
                : $"{path} is no ordinary file; expected an ONNX file.");
        try
        {
            return File.OpenHandle(path, options: FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AnnealException($"{path} could not be opened: {e.Message}", e);
        }
    }
}
