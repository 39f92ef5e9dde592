using Anneal.Onnx;

namespace Anneal.Training.Checkpoints;

/// <summary>A safetensors file or a checkpoint that cannot be trusted: cut off, damaged, hostile, or of another kind.</summary>
public sealed class InvalidCheckpointException : AnnealException
{
    /// <summary>An error with its sentence.</summary>
    public InvalidCheckpointException(string message) : base(message) { }

    /// <summary>An error with its sentence and what caused it.</summary>
    public InvalidCheckpointException(string message, Exception? cause) : base(message, cause) { }
}
