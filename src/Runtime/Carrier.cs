namespace Anneal.Runtime;

/// <summary>The CLR type that carries the elements of a tensor, and how densely.</summary>
/// <param name="Type">The CLR type.</param>
/// <param name="Bits">Bits of one element; 0 for strings, which have no fixed size.</param>
/// <param name="Bytes">Bytes of one carrier; 0 for strings.</param>
/// <param name="Allocate">Makes memory for a number of carriers.</param>
internal sealed record Carrier(Type Type, int Bits, int Bytes, Func<int, TensorMemory> Allocate)
{
    public static Carrier Of<T>(int bits) => new(typeof(T), bits, (bits + 7) / 8, length => new TensorMemory<T>(new T[length]));

    /// <summary>How many carriers hold a number of elements: less than the elements where several share a byte.</summary>
    public long Length(long elements) => Bits is > 0 and < 8 ? checked((elements * Bits) + 7) / 8 : elements;
}
