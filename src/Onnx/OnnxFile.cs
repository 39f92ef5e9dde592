using Anneal.Onnx.Wire;
using Microsoft.Win32.SafeHandles;

namespace Anneal.Onnx;

/// <summary>
/// Loads and saves ONNX models. What was loaded is saved again without loss: unknown fields and operators, the form of each tensor's
/// elements, defaults that were written out; a file whose fields stand in the order of their numbers comes out byte for byte.
/// </summary>
public static class OnnxFile
{
    /// <summary>Loads a model and its external data. Peak memory is the size of the files and little more.</summary>
    /// <exception cref="InvalidModelException">The file is no model, damaged, over a limit, or names external data that is refused.</exception>
    /// <exception cref="AnnealException">There is no such file, or it cannot be read.</exception>
    public static Model Load(string path, OnnxLoadOptions? options = null)
    {
        var full = Path.GetFullPath(path);
        options ??= new();
        using var file = ModelFile.Open(full);
        using var external = new ExternalDataReader(Path.GetDirectoryName(full)!, options);
        return Read(full, file, external, options);
    }

    /// <summary>As <see cref="Load"/>, on another thread.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled before the work began.</exception>
    public static Task<Model> LoadAsync(string path, OnnxLoadOptions? options = null, CancellationToken cancellation = default) =>
        Task.Run(() => Load(path, options), cancellation);

    /// <summary>Reads a model from memory. Large tensors are copied out of it; external data is refused.</summary>
    /// <param name="bytes">The serialised model.</param>
    /// <param name="options">What to accept.</param>
    /// <param name="name">What errors call the model; default "the model in memory".</param>
    /// <exception cref="InvalidModelException">The bytes are no model, damaged, over a limit, or name external data.</exception>
    public static Model Parse(ReadOnlyMemory<byte> bytes, OnnxLoadOptions? options = null, string? name = null)
    {
        options ??= new();
        using var external = new ExternalDataReader(null, options);
        return ModelReader.Read(name ?? "The model in memory", new(bytes), new(bytes), external, options);
    }

    /// <summary>
    /// Saves a model, all of it or nothing: the file appears under its name when it is whole. The file that the model was loaded from may be
    /// the target. Tensors are streamed out, not gathered.
    /// </summary>
    /// <exception cref="AnnealException">The file cannot be written, the model does not fit, or a data file would be replaced that may belong to another model.</exception>
    public static void Save(Model model, string path, OnnxSaveOptions? options = null) =>
        ModelWriter.Save(model, Path.GetFullPath(path), options ?? new());

    /// <summary>As <see cref="Save"/>, on another thread.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled before the work began.</exception>
    public static Task SaveAsync(Model model, string path, OnnxSaveOptions? options = null, CancellationToken cancellation = default) =>
        Task.Run(() => Save(model, path, options), cancellation);

    /// <summary>The serialised model, everything inside it.</summary>
    /// <exception cref="AnnealException">It would be larger than 2 GB.</exception>
    public static byte[] ToBytes(Model model) => ModelWriter.ToBytes(model);

    private static Model Read(string full, SafeFileHandle file, ExternalDataReader external, OnnxLoadOptions options)
    {
        try
        {
            var length = RandomAccess.GetLength(file);
            return length <= int.MaxValue
                ? ModelReader.Read(full, new(file, length), FileSequence.Open(file, length), external, options)
                : throw new InvalidModelException($"{full} has {length} bytes; an ONNX file has at most {int.MaxValue}. Larger models keep their weights in external data.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AnnealException($"{full} could not be read: {e.Message}", e);
        }
    }
}
