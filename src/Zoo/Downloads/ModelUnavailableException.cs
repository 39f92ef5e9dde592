using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>
/// A model that could not be had: no source gave its bytes, the network is off, or the cache cannot hold it. The message names the file,
/// what each source answered, and what to do.
/// </summary>
public sealed class ModelUnavailableException : AnnealException
{
    /// <summary>An error with its sentence.</summary>
    public ModelUnavailableException(string message) : base(message) { }

    /// <summary>An error with its sentence and what caused it.</summary>
    public ModelUnavailableException(string message, Exception? cause) : base(message, cause) { }
}
