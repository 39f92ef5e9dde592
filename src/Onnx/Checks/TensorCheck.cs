namespace Anneal.Onnx.Checks;

/// <summary>Constant tensors by themselves, dense and sparse, wherever they stand.</summary>
internal static class TensorCheck
{
    public static void Run(TensorData tensor, string where, FaultReport report)
    {
        if (!tensor.DType.IsKnown())
            report.Add(CheckRules.TensorType, where, $"Its element type is {(int)tensor.DType}, which is none of the format's.");
        else if (tensor.Segment is { } segment)
            report.Add(CheckRules.TensorSegment, where, $"It is the part from element {segment.Begin} to {segment.End} of a larger tensor. Join the parts first.");
        else if (!tensor.HasElements && tensor.Storage == TensorStorage.External)
            report.Add(CheckRules.TensorUnread, where, $"Its elements lie in '{FaultReport.Clip(tensor.External!.Location)}' and were not read; nothing that depends on them was checked.");
        else if (!tensor.HasElements)
            report.Add(CheckRules.TensorEmpty, where, $"It promises {tensor.ElementCount} elements and holds none.");
    }

    public static void Run(SparseTensor tensor, string where, FaultReport report)
    {
        if (tensor.Values is not { } values || tensor.Indices is not { } indices)
        {
            report.Add(CheckRules.SparseTensor, where, "It lacks its values or its indices.");
            return;
        }
        Run(values, $"values of {where}", report);
        Run(indices, $"indices of {where}", report);
        if (Fault(tensor, values, indices) is { } fault)
            report.Add(CheckRules.SparseTensor, where, fault);
    }

    private static string? Fault(SparseTensor tensor, TensorData values, TensorData indices)
    {
        if (indices.DType != DType.Int64)
            return $"Its indices are {indices.DType}; expected Int64.";
        var (count, rank) = (values.ElementCount, tensor.Dims.Length);
        if (values.Dims.Length != 1)
            return $"Its values have {values.Dims.Length} axes; expected one.";
        var isFlat = indices.Dims.Length == 1 && indices.Dims[0] == count;
        if (!isFlat && !(indices.Dims.Length == 2 && indices.Dims[0] == count && indices.Dims[1] == rank))
            return $"Its indices are {indices.Type.Shape}; expected [{count}] or [{count},{rank}].";
        if (!indices.HasElements || indices.Segment is not null)
            return null;
        return isFlat ? FaultOfFlat(tensor.ElementCount, indices.As<long>()) : FaultOfTuples(tensor.Dims, indices.As<long>());
    }

    private static string? FaultOfFlat(long elements, ReadOnlySpan<long> indices)
    {
        var before = -1L;
        foreach (var index in indices)
        {
            if (index < 0 || index >= elements)
                return $"Its index {index} is outside 0 to {elements - 1}.";
            if (index <= before)
                return $"Its index {index} stands after {before}; expected ascending order.";
            before = index;
        }
        return null;
    }

    private static string? FaultOfTuples(ReadOnlySpan<long> dims, ReadOnlySpan<long> indices)
    {
        var rank = dims.Length;
        for (var at = 0; rank > 0 && at < indices.Length; at += rank)
        {
            var tuple = indices.Slice(at, rank);
            for (var axis = 0; axis < rank; axis++)
                if (tuple[axis] < 0 || tuple[axis] >= dims[axis])
                    return $"Its index {tuple[axis]} along axis {axis} is outside 0 to {dims[axis] - 1}.";
            if (at > 0 && tuple.SequenceCompareTo(indices.Slice(at - rank, rank)) <= 0)
                return $"Its indices number {at / rank} do not come after those before; expected ascending order.";
        }
        return null;
    }
}
