namespace Anneal.Onnx;

/// <summary>Which form a tensor's elements have in the file.</summary>
public enum TensorStorage
{
    /// <summary>There are no elements, though the dims may promise some: a tensor without elements, or weights that were stripped.</summary>
    None,

    /// <summary>One block of little-endian bytes (<c>raw_data</c>).</summary>
    Raw,

    /// <summary>A field of the elements' own kind (<c>float_data</c>, <c>int32_data</c>, <c>int64_data</c> …).</summary>
    Typed,

    /// <summary>One byte string for each element (<c>string_data</c>).</summary>
    Strings,

    /// <summary>Little-endian bytes in another file beside the model.</summary>
    External,
}
