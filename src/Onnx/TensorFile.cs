using Anneal.Onnx.Wire;

namespace Anneal.Onnx;

/// <summary>Loads and saves single tensors (<c>TensorProto</c>), as test vectors of ONNX models are stored (<c>input_0.pb</c>).</summary>
public static class TensorFile
{
    /// <summary>Loads a tensor.</summary>
    /// <exception cref="InvalidModelException">The file is no tensor or damaged.</exception>
    /// <exception cref="AnnealException">There is no such file, or it cannot be read.</exception>
    public static TensorData Load(string path, OnnxLoadOptions? options = null)
    {
        var full = Path.GetFullPath(path);
        options ??= new();
        using var file = ModelFile.Open(full);
        using var external = new ExternalDataReader(Path.GetDirectoryName(full)!, options);
        var length = RandomAccess.GetLength(file);
        return ModelReader.ReadTensor(full, new(file, length), FileSequence.Open(file, length), external, options);
    }

    /// <summary>Reads a tensor from memory.</summary>
    /// <exception cref="InvalidModelException">The bytes are no tensor or damaged.</exception>
    public static TensorData Parse(ReadOnlyMemory<byte> bytes, OnnxLoadOptions? options = null)
    {
        options ??= new();
        using var external = new ExternalDataReader(null, options);
        return ModelReader.ReadTensor("The tensor in memory", new(bytes), new(bytes), external, options);
    }

    /// <summary>Saves a tensor, all of it or nothing.</summary>
    public static void Save(TensorData tensor, string path) => AtomicFile.Write(path, stream => TensorWriter.Write(tensor, stream));

    /// <summary>The serialised tensor.</summary>
    public static byte[] ToBytes(TensorData tensor) => TensorWriter.ToBytes(tensor);
}
