using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>A catalogue, a card or a label file that cannot be used: the message says which file, entry and member, and what was expected.</summary>
public sealed class InvalidCatalogException : AnnealException
{
    /// <summary>An error with its sentence.</summary>
    public InvalidCatalogException(string message) : base(message) { }

    /// <summary>An error with its sentence and what caused it.</summary>
    public InvalidCatalogException(string message, Exception? cause) : base(message, cause) { }
}
