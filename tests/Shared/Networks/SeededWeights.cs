using Anneal.Onnx;

namespace Anneal.Tests.Networks;

/// <summary>
/// Made-up weights that are the same on every machine: each tensor's numbers follow from a seed and its name alone, so that the order in which
/// tensors are made does not matter. They are made when somebody reads them: what only looks at shapes costs nothing.
/// </summary>
/// <param name="seed">Another seed, other numbers.</param>
public sealed class SeededWeights(ulong seed)
{
    /// <summary>Weights that keep a signal's size through a rectifier: uniform within ±√(6 / fan-in) (He et al., 2015).</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="dims">The extents; all but the first make the fan-in.</param>
    public TensorData Weights(string name, params ReadOnlySpan<long> dims)
    {
        var fanIn = 1L;
        foreach (var extent in dims[1..])
            fanIn *= extent;
        var limit = MathF.Sqrt(6f / fanIn);
        return Uniform(name, -limit, limit, dims);
    }

    /// <summary>Numbers spread evenly between two bounds.</summary>
    public TensorData Uniform(string name, float from, float to, params ReadOnlySpan<long> dims)
    {
        var count = 1L;
        foreach (var extent in dims)
            count *= extent;
        var memory = new SeededMemory(Start(name), checked((int)count), from, to);
        return TensorData.FromBytes(name, DType.Float32, dims, memory.Unread);
    }

    /// <summary>FNV-1a over the name, from the seed.</summary>
    private ulong Start(string name)
    {
        var hash = seed ^ 0xCBF29CE484222325;
        foreach (var letter in name)
            hash = (hash ^ letter) * 0x100000001B3;
        return hash;
    }
}
