using Anneal.Onnx;

namespace Anneal.Training.Checkpoints;

/// <summary>
/// Reads and writes safetensors files, the format of <c>huggingface/safetensors</c>: the length of a header (8 bytes, little-endian), the header
/// (JSON: for each tensor its type, shape and place, and texts under <c>__metadata__</c>), and the elements, without gaps. Nothing in such a file
/// is ever executed. The same tensors and texts give the same bytes.
/// </summary>
public static class SafeTensors
{
    /// <summary>Saves tensors, all of them or nothing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The tensors by the names that the file gives them.</param>
    /// <param name="metadata">Texts for <c>__metadata__</c>, or null for none.</param>
    /// <exception cref="AnnealException">The format has no such type, a name is taken, or the file cannot be written.</exception>
    public static void Save(string path, IReadOnlyDictionary<string, TensorData> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        new SafeTensorsContent(tensors, metadata ?? new Dictionary<string, string>()).Save(path);

    /// <summary>Loads a file. It is held in memory, each tensor in a block of its own.</summary>
    /// <exception cref="InvalidCheckpointException">The file is no safetensors file, or damaged: the message says where.</exception>
    /// <exception cref="AnnealException">There is no such file, or it cannot be read.</exception>
    public static SafeTensorsFile Load(string path) => SafeTensorsReader.Load(path).ToFile();

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="bytes">All of the file.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="InvalidCheckpointException">The bytes are no safetensors file, or damaged.</exception>
    public static SafeTensorsFile Parse(ReadOnlyMemory<byte> bytes, string name = "The file in memory") => SafeTensorsReader.Parse(bytes, name).ToFile();
}
