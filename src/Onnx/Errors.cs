namespace Anneal.Onnx;

/// <summary>
/// The one family of exceptions that Anneal throws for what a person can mend: a wrong file, name, shape, device or network.
/// The message is one or more full sentences: what and where, what was expected, what came, what to do.
/// </summary>
public class AnnealException : Exception
{
    /// <summary>An error with its sentence.</summary>
    public AnnealException(string message) : base(message) { }

    /// <summary>An error with its sentence and what caused it.</summary>
    public AnnealException(string message, Exception? cause) : base(message, cause) { }
}

/// <summary>A file that is not a model we can read: truncated, corrupt, hostile, or of another kind.</summary>
public sealed class InvalidModelException : AnnealException
{
    /// <summary>An error with its sentence.</summary>
    public InvalidModelException(string message) : base(message) { }

    /// <summary>An error with its sentence and what caused it.</summary>
    public InvalidModelException(string message, Exception? cause) : base(message, cause) { }
}

/// <summary>A device or a provider that was asked for and cannot be had here.</summary>
public sealed class DeviceUnavailableException : AnnealException
{
    /// <summary>An error with its sentence.</summary>
    public DeviceUnavailableException(string message) : base(message) { }

    /// <summary>An error with its sentence and what caused it.</summary>
    public DeviceUnavailableException(string message, Exception? cause) : base(message, cause) { }
}

/// <summary>A tensor whose type or shape is not the one that was asked for.</summary>
public sealed class ShapeMismatchException : AnnealException
{
    /// <summary>An error with its sentence.</summary>
    public ShapeMismatchException(string message) : base(message) { }
}
