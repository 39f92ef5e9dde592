namespace Anneal.Onnx.Passes.Folding;

/// <summary>How much folding may still make, so that a small file of many nodes cannot become a large model.</summary>
internal sealed class FoldingRoom
{
    private long _left = FoldConstants.MostBytesTogether;

    /// <summary>What the small constants of these graphs leave.</summary>
    public FoldingRoom(IEnumerable<Graph> graphs)
    {
        foreach (var value in graphs.SelectMany(graph => graph.Initializers))
            if (Length(value.Initializer!.DType, value.Initializer.ElementCount) is <= FoldConstants.MostBytes and var length)
                _left -= length;
    }

    /// <summary>Whether a tensor of that type and shape may be made.</summary>
    public bool Holds(DType dtype, Shape? shape) => shape is { IsStatic: true } && Count(shape) is { } count
        && Length(dtype, count) is var length && length <= FoldConstants.MostBytes && length <= _left;

    /// <summary>Takes the room of a tensor, if there is as much.</summary>
    public bool Take(TensorData tensor)
    {
        if (!Holds(tensor.DType, tensor.Type.Shape))
            return false;
        _left -= Length(tensor.DType, tensor.ElementCount);
        return true;
    }

    private static long? Count(Shape shape)
    {
        Int128 count = 1;
        foreach (var dim in shape)
            if (dim.Value < 0 || (count *= dim.Value) > FoldConstants.MostBytesTogether)
                return null;
        return (long)count;
    }

    /// <summary>Strings count as eight bytes each; their letters are in the file already.</summary>
    private static long Length(DType dtype, long count) => dtype.Bits() == 0 ? count * 8 : (long)Int128.Min(long.MaxValue, (Int128)count * dtype.Bits() / 8);
}
