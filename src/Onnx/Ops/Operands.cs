namespace Anneal.Onnx.Ops;

/// <summary>What operators that combine tensors element by element ask of their inputs.</summary>
internal static class Operands
{
    /// <summary>The element type that several inputs share; undefined when none of them tells.</summary>
    /// <exception cref="ShapeMismatchException">Two of them differ.</exception>
    public static DType SameType(this Inference facts, params ReadOnlySpan<int> indices)
    {
        var common = DType.Undefined;
        foreach (var index in indices)
        {
            var dtype = facts.DType(index);
            if (common != DType.Undefined && dtype != DType.Undefined && common != dtype)
                throw facts.Refuse($"the inputs should have one element type, but have {common} and {dtype}");
            common = common == DType.Undefined ? dtype : common;
        }
        return common;
    }

    /// <summary>The shape of all inputs together after broadcasting; null when a rank is not known.</summary>
    /// <exception cref="ShapeMismatchException">Two extents differ and neither is 1.</exception>
    public static Shape? BroadcastAll(this Inference facts)
    {
        var shape = facts.Shape(0);
        for (var i = 1; i < facts.InputCount; i++)
            shape = facts.Broadcast(shape, facts.Shape(i));
        return shape;
    }

    /// <summary>Checks that an input, when it is there, is a vector with one number for each of so many channels.</summary>
    /// <returns>The better known of the two counts.</returns>
    /// <exception cref="ShapeMismatchException">It is no vector, or has another length.</exception>
    public static Dim RequireChannels(this Inference facts, int index, Dim channels, string name)
    {
        if (!facts.Has(index) || facts.Shape(index) is not { } shape)
            return channels;
        return shape.Rank == 1
            ? facts.Same(channels, shape[0], $"the channels and the length of {name}")
            : throw facts.Refuse($"{name} should be a vector [C], but has the shape {shape}");
    }

    /// <summary>Checks that an input can be stretched to a shape without changing it (one-way broadcasting).</summary>
    /// <exception cref="ShapeMismatchException">It cannot.</exception>
    public static void RequireStretchable(this Inference facts, int index, Shape? target, string name)
    {
        if (!facts.Has(index) || facts.Shape(index) is not { } shape || target is null)
            return;
        var fits = shape.Rank <= target.Rank;
        for (var i = 1; fits && i <= shape.Rank; i++)
            fits = Stretches(shape[shape.Rank - i], target[target.Rank - i]);
        if (!fits)
            throw facts.Refuse($"{name} {shape} cannot be stretched to {target}");
    }

    /// <summary>
    /// The elements of the result of an integer formula over all inputs, with broadcasting; null when an input is not followed element by
    /// element or the result is too large for that. A number that the element type cannot hold counts as unknown.
    /// </summary>
    /// <param name="facts">The inputs.</param>
    /// <param name="dtype">The element type of the result.</param>
    /// <param name="shape">The shape of the result.</param>
    /// <param name="formula">One element of the result from one element of each input.</param>
    public static IReadOnlyList<Dim>? Follow(this Inference facts, DType dtype, Shape? shape, Func<Dim[], Dim> formula)
    {
        if (shape is not { IsStatic: true } || Enumerable.Range(0, facts.InputCount).Any(i => facts.Input(i).Elements is null))
            return null;
        var extents = shape.ToExtents();
        if (!IsSmall(extents, out var count))
            return null;
        var given = new Dim[facts.InputCount];
        var result = new Dim[count];
        for (var at = 0; at < count; at++)
        {
            for (var i = 0; i < given.Length; i++)
                given[i] = facts.Input(i).Elements![SourceIndex(at, extents, facts.Shape(i)!)];
            result[at] = IntegerFormulas.Fit(dtype, formula(given));
        }
        return result;
    }

    /// <summary>Whether a tensor is small enough to be followed element by element.</summary>
    public static bool IsSmall(ReadOnlySpan<long> extents, out int count)
    {
        Int128 product = 1;
        foreach (var extent in extents)
            product = extent < 0 || product > Fact.MostElements ? Fact.MostElements + 1 : product * extent;
        count = (int)Int128.Min(product, Fact.MostElements + 1);
        return count <= Fact.MostElements;
    }

    private static bool Stretches(Dim extent, Dim target) => !extent.IsKnown || extent.Value == 1 || !target.IsKnown || target.Value == extent.Value;

    /// <summary>
    /// Where an element of a broadcast shape comes from: axes are walked from the last on, and the place along one counts where the source has
    /// more than one element there.
    /// </summary>
    public static int SourceIndex(int at, long[] extents, Shape source)
    {
        var (index, step) = (0L, 1L);
        for (var i = 1; i <= source.Rank; i++)
        {
            var place = at % extents[^i];
            at /= (int)extents[^i];
            var extent = source[source.Rank - i].Value;
            index += extent == 1 ? 0 : place * step;
            step *= extent;
        }
        return (int)index;
    }
}
