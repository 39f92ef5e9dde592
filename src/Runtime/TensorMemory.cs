using System.Buffers;

namespace Anneal.Runtime;

/// <summary>The memory of a tensor without its type: what the engine needs in order to pin it.</summary>
internal abstract class TensorMemory
{
    /// <summary>The CLR type of the carriers.</summary>
    public abstract Type Type { get; }

    /// <summary>The number of carriers.</summary>
    public abstract int Length { get; }

    /// <summary>Holds the memory still until the handle is disposed.</summary>
    public abstract MemoryHandle Pin();

    /// <summary>Copies all of it into memory of the same type and length.</summary>
    public abstract void CopyTo(TensorMemory target);
}

/// <summary>The memory of a tensor.</summary>
internal sealed class TensorMemory<T>(Memory<T> memory) : TensorMemory
{
    public Memory<T> Memory { get; } = memory;

    public override Type Type => typeof(T);

    public override int Length => Memory.Length;

    public override MemoryHandle Pin() => Memory.Pin();

    public override void CopyTo(TensorMemory target) => Memory.CopyTo(((TensorMemory<T>)target).Memory);
}
