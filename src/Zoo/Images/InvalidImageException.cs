using Anneal.Onnx;

namespace Anneal.Zoo.Images;

/// <summary>A file that gives no picture: not an image, truncated, corrupt, of a format that is not read, or larger than allowed.</summary>
public sealed class InvalidImageException : AnnealException
{
    /// <summary>An error with its sentence.</summary>
    public InvalidImageException(string message) : base(message) { }

    /// <summary>An error with its sentence and what caused it.</summary>
    public InvalidImageException(string message, Exception? cause) : base(message, cause) { }
}
