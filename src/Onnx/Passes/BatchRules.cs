using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes;

/// <summary>
/// Where the pictures lie in an operator's outputs, given where they lie in its inputs, such that each picture's slice depends on that picture
/// alone. An operator that has no rule here, or mixes pictures, is refused.
/// </summary>
internal static class BatchRules
{
    /// <summary>The axis of pictures in every output. The step's facts are inferred already.</summary>
    /// <exception cref="ShapeMismatchException">Pictures are mixed, or it cannot be proven that they are not.</exception>
    public static int AxisOf(BatchStep step) => step.Op switch
    {
        Elementwise or BitShift or Clip or IsInf or Mod or PRelu or Where or Cast or Identity => Broadcast(step),
        CastLike => step.Only(0),
        Dropout => Dropped(step),
        AxisActivation op => step.Apart(step.Only(0), op.Axis, "it works along"),
        LpNormalization op => step.Apart(step.Only(0), op.Axis, "it works along"),
        MeanVarianceNormalization op => (op.Axes ?? [0, 2, 3]).Aggregate(step.Only(0), (batch, axis) => step.Apart(batch, axis, "its mean is taken along")),
        LRN => First(step),
        Activation => step.Only(0),
        BatchNormalization { TrainingMode: true } => throw step.Refuse("when training, it takes mean and variance over all pictures"),
        MaxPool when step.Facts.OutputCount > 1 => throw step.Refuse("its indices count through all pictures"),
        Conv or ConvInteger or ConvTranspose or QLinearConv or BatchNormalization or InstanceNormalization or GroupNormalization => First(step),
        AveragePool or MaxPool or LpPool or GlobalAveragePool or GlobalMaxPool or GlobalLpPool or DepthToSpace or SpaceToDepth => First(step),
        LayerNormalization op => Normalized(step, op.Axis),
        RMSNormalization op => Normalized(step, op.Axis),
        QuantizeLinear op => Quantized(step, op.Axis),
        DequantizeLinear op => Quantized(step, op.Axis),
        Gemm op => Multiplied(step, op),
        MatMul => Multiplied(step),
        MatMulInteger => MultipliedIntegers(step),
        Reshape => Regrouped(step, step.Only(0, counted: 1)),
        Flatten or Squeeze or Unsqueeze => Regrouped(step, step.Only(0)),
        Transpose op => Moved(step, op),
        Concat op => Joined(step, op.Axis),
        Split op => step.Apart(step.Only(0), op.Axis, "it cuts along"),
        Slice => Cut(step),
        Pad => Padded(step),
        Expand => step.OutputRank - step.Rank(0) + step.Only(0, counted: 1),
        Tile => step.Facts.Ints(1)?[step.Only(0, counted: 1)] == 1 ? step.Places[0].Axis : throw step.Refuse("it repeats the pictures, or it is not known that it does not"),
        Gather op => Picked(step, op.Axis),
        TopK op => step.Apart(step.Only(0), op.Axis, "it picks along"),
        Reduction op => Reduced(step, op),
        ArgReduction op => Reduced(step.Apart(step.Only(0), op.Axis, "it compares along"), op.Keepdims, [step.Facts.Axis(op.Axis, step.Rank(0))]),
        Running => step.Apart(step.Only(0), step.Facts.Ints(1) is [var axis] ? axis : throw step.Refuse("its axis is not known"), "it runs along"),
        Resize { CoordinateTransformationMode: not "tf_crop_and_resize" } => step.Only(0, counted: 2),
        Trilu => step.Only(0) < step.Rank(0) - 2 ? step.Places[0].Axis : throw step.Refuse("the pictures lie in the triangle"),
        _ => throw step.Refuse($"there is no proof that {step.Op.Name} treats each picture alone"),
    };

    /// <summary>Whether equal slices along an axis that an operator makes of shared numbers, as many as there are pictures, may stand for pictures.</summary>
    public static bool Repeats(Op op, IReadOnlyList<BatchPlace> places) => op is ConstantOfShape || (op is Expand or Tile && places[0] == BatchPlace.Shared);

    /// <summary>The axis of a shape where the pictures lie after regrouping elements in row-major order: as many elements before it as before the old one.</summary>
    /// <param name="isBatch">Whether an extent may be the number of pictures.</param>
    /// <param name="to">The new shape.</param>
    /// <param name="before">The extents before the old axis.</param>
    public static IEnumerable<int> Regrouped(Func<Dim, bool> isBatch, Shape to, IEnumerable<Dim> before)
    {
        var elements = Extent.Product(before);
        for (var axis = 0; elements.IsKnown && axis < to.Rank; axis++)
            if (isBatch(to[axis]) && Extent.Product(to.Take(axis)) == elements)
                yield return axis;
    }

    private static int Regrouped(BatchStep step, int batch)
    {
        var (from, to) = (step.Facts.Shape(0)!, step.Facts.Outputs[0].Shape);
        int[] axes = to is null ? [] : [.. Regrouped(dim => dim == from[batch], to, from.Take(batch))];
        return axes is [var axis] ? axis : throw step.Refuse($"pictures [{from[batch]} at axis {batch}] get lost in its output {to?.ToString() ?? "of unknown shape"}");
    }

    /// <summary>Axes are counted from the end, as broadcasting does.</summary>
    private static int Broadcast(BatchStep step)
    {
        int[] ends = [.. step.Places.Select((place, i) => (place, i)).Where(pair => pair.place.Kind == BatchKind.Along).Select(pair => step.Rank(pair.i) - pair.place.Axis).Distinct()];
        if (ends is not [var fromEnd])
            throw step.Refuse(ends.Length == 0 ? "it computes with the number of pictures" : "the pictures of one input meet the elements of another");
        for (var i = 0; i < step.Places.Count; i++)
            if (step.Places[i].Kind == BatchKind.Counted)
                throw step.Refuse($"input {i} depends on the number of pictures");
            else if (step.Places[i].Kind == BatchKind.Shared)
                step.RequireOneForAll(i, fromEnd);
        return step.OutputRank - fromEnd;
    }

    private static int Dropped(BatchStep step) => !step.Facts.Has(2) || step.Facts.Ints(2) is [0]
        ? step.Only(0)
        : throw step.Refuse("it may be training, and what it drops depends on the batch");

    private static int First(BatchStep step) => step.Only(0) == 0 ? 0 : throw step.Refuse($"it takes axis 0 for that of the pictures, which lie at axis {step.Places[0].Axis}");

    private static int Normalized(BatchStep step, long axis)
    {
        var batch = step.Only(0);
        if (batch >= step.Facts.Axis(axis, step.Rank(0)))
            throw step.Refuse("it takes its mean over all pictures");
        for (var i = 1; i < step.Places.Count; i++)
            step.RequireOneForAll(i, step.Rank(0) - batch);
        return batch;
    }

    private static int Quantized(BatchStep step, long axis)
    {
        var batch = step.Only(0);
        if (step.Rank(1) > 1)
            throw step.Refuse("its scales are blocks");
        return step.Rank(1) == 0 || step.Facts.Shape(1)![0] == 1 ? batch : step.Apart(batch, axis, "its scales run along");
    }

    private static int Multiplied(BatchStep step, Gemm op)
    {
        var isAdded = step.Places.Count > 2 && step.Places[2] == BatchPlace.Along(0) && step.Rank(2) == 2;
        var batch = isAdded ? (step with { Places = [.. step.Places.Take(2)] }).Only(0) : step.Only(0);
        if (batch != (op.TransA ? 1 : 0))
            throw step.Refuse("it sums over the pictures");
        if (!isAdded)
            step.RequireOneForAll(2, 2);
        return 0;
    }

    private static int MultipliedIntegers(BatchStep step)
    {
        step.Only(0);
        if (step.Facts.Has(2) && step.Facts.Shape(2)?.All(extent => extent == 1) != true)
            throw step.Refuse("its left matrix has a zero point for each row");
        return Multiplied(step);
    }

    /// <summary>Of the two matrices one or both hold pictures: in rows or columns, which stay apart, or in the stacks before them.</summary>
    private static int Multiplied(BatchStep step)
    {
        var (a, b) = (Operand(step, 0), Operand(step, 1));
        if (a is null || b is null)
        {
            var (batched, shared) = a is null ? (b!.Value, 0) : (a.Value, 1);
            if (step.Places[shared].Kind != BatchKind.Shared)
                throw step.Refuse($"input {shared} depends on the number of pictures");
            if (batched.FromEnd > 2)
                step.RequireOneForAll(shared, batched.FromEnd);
            else if (batched.FromEnd == (a is null ? 2 : 1) || batched.Rank == 1)
                throw step.Refuse("it sums over the pictures");
            return Placed(step, batched.FromEnd);
        }
        return a.Value.FromEnd == b.Value.FromEnd && a.Value.FromEnd > 2
            ? Placed(step, a.Value.FromEnd)
            : throw step.Refuse("both matrices hold pictures, and not in the same stacks");
    }

    private static (int Rank, int FromEnd)? Operand(BatchStep step, int input) => step.Places[input].Kind == BatchKind.Along
        ? (step.Rank(input), step.Rank(input) - step.Places[input].Axis)
        : null;

    /// <summary>An axis of a matrix in the product, which lacks the rows or columns of an operand that is a vector.</summary>
    private static int Placed(BatchStep step, int fromEnd)
    {
        var columns = step.Rank(1) == 1 ? 0 : 1;
        var rows = step.Rank(0) == 1 ? 0 : 1;
        return fromEnd switch
        {
            1 => step.OutputRank - 1,
            2 => step.OutputRank - 1 - columns,
            _ => step.OutputRank - (fromEnd - 2) - columns - rows,
        };
    }

    private static int Moved(BatchStep step, Transpose op)
    {
        var batch = step.Only(0);
        return op.Perm is null ? step.Rank(0) - 1 - batch : op.Perm.Select((from, to) => (from, to)).First(pair => pair.from == batch).to;
    }

    private static int Joined(BatchStep step, long axis)
    {
        var batch = step.Places.First(place => place.Kind == BatchKind.Along).Axis;
        for (var i = 0; i < step.Places.Count; i++)
            if (step.Places[i] != BatchPlace.Along(batch))
                throw step.Refuse($"input {i} is not one for each picture at axis {batch}; it would have to be expanded to as many");
        return step.Apart(batch, axis, "it joins along");
    }

    private static int Cut(BatchStep step)
    {
        var batch = step.Only(0, counted: 1);
        var axes = step.Facts.Has(3) ? step.Facts.Ints(3) : [.. Enumerable.Range(0, step.Facts.List(1)?.Count ?? 0).Select(axis => (long)axis)];
        if (axes is null)
            throw step.Refuse("it is not known along which axes it cuts");
        for (var i = 0; i < axes.Count; i++)
            if (step.Facts.Axis(axes[i], step.Rank(0)) == batch && (step.Facts.List(1)?[i] != 0 || (step.Facts.Has(4) && step.Facts.List(4)?[i] != 1)))
                throw step.Refuse("it cuts along the axis of the pictures");
        return batch;
    }

    private static int Padded(BatchStep step)
    {
        var batch = step.Only(0);
        var (pads, rank) = (step.Facts.Ints(1), step.Rank(0));
        var axes = step.Facts.Has(3) ? step.Facts.Axes(step.Facts.List(3), rank) : [.. Enumerable.Range(0, rank)];
        if (pads is null || axes is null)
            throw step.Refuse("it is not known how much it pads");
        var at = Array.IndexOf(axes, batch);
        return at < 0 || (pads[at] == 0 && pads[at + axes.Length] == 0) ? batch : throw step.Refuse("it adds pictures, or takes some away");
    }

    private static int Picked(BatchStep step, long axis)
    {
        if (step.Places[0].Kind == BatchKind.Shared)
            return step.Facts.Axis(axis, step.Rank(0)) + step.Only(1);
        var batch = step.Apart(step.Only(0), axis, "it picks along");
        return batch < step.Facts.Axis(axis, step.Rank(0)) ? batch : batch - 1 + step.Rank(1);
    }

    private static int Reduced(BatchStep step, Reduction op)
    {
        var batch = step.Only(0);
        var listed = step.Facts.Has(1) ? step.Facts.Ints(1) ?? throw step.Refuse("its axes are not known") : [];
        if (listed.Count == 0)
            return op.NoopWithEmptyAxes ? batch : throw step.Refuse("it reduces all axes, that of the pictures too");
        int[] axes = [.. listed.Select(axis => step.Facts.Axis(axis, step.Rank(0))).Distinct()];
        return axes.Contains(batch) ? throw step.Refuse("it reduces the axis of the pictures") : Reduced(batch, op.Keepdims, axes);
    }

    private static int Reduced(int batch, bool keepdims, int[] axes) => keepdims ? batch : batch - axes.Count(axis => axis < batch);
}
