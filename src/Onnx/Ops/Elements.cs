namespace Anneal.Onnx.Ops;

/// <summary>
/// Following the elements of small integer tensors through operators that move them: shapes under construction keep what is known of each
/// extent, symbols included.
/// </summary>
internal static class Elements
{
    /// <summary>
    /// The elements of an integer or bool tensor that is small enough to follow, each unknown where only the shape is known; null for all
    /// other tensors.
    /// </summary>
    public static IReadOnlyList<Dim>? Of(Fact fact)
    {
        if (fact.Elements is { } elements)
            return elements;
        return fact.DType.IsInteger() || fact.DType == DType.Bool ? Fill(fact.Shape, _ => Dim.Unknown) : null;
    }

    /// <summary>The elements of an input that is a list of integers (or one integer); null when not even their number is known.</summary>
    /// <exception cref="ShapeMismatchException">The input has more than one axis.</exception>
    public static IReadOnlyList<Dim>? List(this Inference facts, int input) => facts.Rank(input) > 1
        ? throw facts.Refuse($"input {input} should be a list of integers, with one axis")
        : Of(facts.Input(input));

    /// <summary>The one integer in an input.</summary>
    /// <exception cref="ShapeMismatchException">There are several, or none.</exception>
    public static Dim One(this Inference facts, int input)
    {
        var elements = Of(facts.Input(input));
        if (elements is not null && elements.Count != 1)
            throw facts.Refuse($"input {input} should hold one number");
        return elements?[0] ?? Dim.Unknown;
    }

    /// <summary>The one number in an input, of any real type; null when it is not known.</summary>
    public static double? Number(this Inference facts, int input)
    {
        var fact = facts.Input(input);
        if (fact.Elements is not null)
            return facts.One(input) is { IsKnown: true } element ? element.Value : null;
        if (fact.Constant is not { HasElements: true } constant || !constant.DType.IsFloat())
            return null;
        if (constant.ElementCount != 1)
            throw facts.Refuse($"input {input} should hold one number");
        return constant.DType == DType.Double ? constant.As<double>()[0] : constant.ToFloats()[0];
    }

    /// <summary>
    /// Axes that an input lists, counted from 0; null when they are not all known.
    /// </summary>
    /// <exception cref="ShapeMismatchException">There is no such axis, or one stands twice.</exception>
    public static int[]? Axes(this Inference facts, IReadOnlyList<Dim>? listed, int rank) =>
        listed is not null && listed.All(axis => axis.IsKnown) ? facts.Axes([.. listed.Select(axis => axis.Value)], rank) : null;

    /// <summary>Axes that an attribute lists, counted from 0.</summary>
    /// <exception cref="ShapeMismatchException">There is no such axis, or one stands twice.</exception>
    public static int[] Axes(this Inference facts, IReadOnlyList<long> listed, int rank)
    {
        int[] axes = [.. listed.Select(axis => facts.Axis(axis, rank))];
        return axes.Distinct().Count() == axes.Length ? axes : throw facts.Refuse($"an axis stands twice in [{string.Join(',', listed)}]");
    }

    /// <summary>The elements of a tensor that holds those of another in the same order, under another shape.</summary>
    public static IReadOnlyList<Dim>? Keep(Fact from, Shape? to) => to is { IsStatic: true } ? from.Elements : null;

    /// <summary>The elements of a tensor by a formula on the index; null when it is too large to follow or an extent is not known.</summary>
    /// <param name="shape">The tensor's shape.</param>
    /// <param name="element">The element at an index; the array is used again for the next one.</param>
    public static Dim[]? Fill(Shape? shape, Func<long[], Dim> element)
    {
        if (shape is null || Count(shape) is not { } count)
            return null;
        var (elements, index) = (new Dim[count], new long[shape.Rank]);
        for (var i = 0; i < elements.Length; i++)
        {
            elements[i] = element(index);
            Advance(index, shape);
        }
        return elements;
    }

    /// <summary>The place of an index in row-major order.</summary>
    public static int Position(Shape shape, long[] index)
    {
        var position = 0L;
        for (var axis = 0; axis < shape.Rank; axis++)
            position = (position * shape[axis].Value) + index[axis];
        return (int)position;
    }

    /// <summary>A shape of which the rank alone is known.</summary>
    public static Shape AnyOfRank(int rank) => new([.. Enumerable.Repeat(Dim.Unknown, rank)]);

    /// <summary>A shape with one extent replaced.</summary>
    public static Shape With(this Shape shape, int axis, Dim extent) => new([.. shape.Select((dim, i) => i == axis ? extent : dim)]);

    /// <summary>How many elements a shape has, when that can be followed.</summary>
    private static int? Count(Shape shape)
    {
        // A zero anywhere makes the tensor empty, however large the other extents are.
        if (!shape.IsStatic || shape.Any(dim => dim.Value < 0))
            return null;
        if (shape.Any(dim => dim.Value == 0))
            return 0;
        var count = 1L;
        foreach (var dim in shape)
            if ((count *= Math.Min(dim.Value, Fact.MostElements + 1)) > Fact.MostElements)
                return null;
        return (int)count;
    }

    private static void Advance(long[] index, Shape shape)
    {
        for (var axis = index.Length - 1; axis >= 0 && ++index[axis] == shape[axis].Value; axis--)
            index[axis] = 0;
    }
}
