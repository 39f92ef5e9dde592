namespace Anneal.Onnx.Ops;

/// <summary>How a kernel slides over the space axes: what convolutions and poolings share.</summary>
public sealed record Window
{
    /// <summary><c>NOTSET</c> (the pads are given), <c>VALID</c> (none), <c>SAME_UPPER</c> or <c>SAME_LOWER</c> (output = ceil(input / stride)).</summary>
    public string AutoPad { get; init; } = "NOTSET";

    /// <summary>The kernel's extent along each space axis; null means that of the weights.</summary>
    public AttributeList<long>? KernelShape { get; init; }

    /// <summary>Steps along each axis; null means 1.</summary>
    public AttributeList<long>? Strides { get; init; }

    /// <summary>The distance of the kernel's taps along each axis; null means 1.</summary>
    public AttributeList<long>? Dilations { get; init; }

    /// <summary>Cells added before each axis, then those after each axis; null means none.</summary>
    public AttributeList<long>? Pads { get; init; }

    internal Window Through(AttributeVisitor attributes) => ThroughGiven(attributes) with { AutoPad = attributes.Text("auto_pad", AutoPad, "NOTSET") };

    /// <summary>As <see cref="Through"/>, for operators whose pads are always given.</summary>
    internal Window ThroughGiven(AttributeVisitor attributes) => this with
    {
        KernelShape = attributes.Ints("kernel_shape", KernelShape),
        Strides = attributes.Ints("strides", Strides),
        Dilations = attributes.Ints("dilations", Dilations),
        Pads = attributes.Ints("pads", Pads),
    };

    /// <summary>As <see cref="Through"/>, for poolings: there are no weights to take the kernel's size from.</summary>
    internal Window ThroughPooling(AttributeVisitor attributes) => this with
    {
        AutoPad = attributes.Text("auto_pad", AutoPad, "NOTSET"),
        KernelShape = attributes.RequiredInts("kernel_shape", KernelShape ?? []),
        Strides = attributes.Ints("strides", Strides),
        Dilations = attributes.Ints("dilations", Dilations),
        Pads = attributes.Ints("pads", Pads),
    };

    /// <summary>The output's space extents.</summary>
    /// <param name="facts">For errors.</param>
    /// <param name="space">The input's space extents.</param>
    /// <param name="weights">The weights' space extents, used where <see cref="KernelShape"/> is left out; null for poolings.</param>
    /// <param name="ceil">Whether a window that hangs over the end counts, as long as it starts inside the input or its leading pad.</param>
    internal Dim[] Slide(Inference facts, IReadOnlyList<Dim> space, IReadOnlyList<Dim>? weights = null, bool ceil = false)
    {
        RequireFit(facts, space.Count);
        return [.. space.Select((extent, axis) => Slide(facts, extent, weights?[axis] ?? Dim.Unknown, axis, space.Count, ceil))];
    }

    /// <summary>Checks that every list has as many numbers as there are space axes, and that the numbers make sense.</summary>
    internal void RequireFit(Inference facts, int axes)
    {
        RequireLength(facts, "kernel_shape", KernelShape, axes);
        RequireLength(facts, "strides", Strides, axes);
        RequireLength(facts, "dilations", Dilations, axes);
        RequireLength(facts, "pads", Pads, 2 * axes);
        RequireAtLeast(facts, "kernel_shape", KernelShape, 1);
        RequireAtLeast(facts, "strides", Strides, 1);
        RequireAtLeast(facts, "dilations", Dilations, 1);
        RequireAtLeast(facts, "pads", Pads, 0);
        if (AutoPad is not ("NOTSET" or "VALID" or "SAME_UPPER" or "SAME_LOWER"))
            throw facts.Refuse($"auto_pad '{AutoPad}' is none of NOTSET, VALID, SAME_UPPER, SAME_LOWER");
    }

    internal static void RequireLength(Inference facts, string name, IReadOnlyList<long>? list, int length)
    {
        if (list is not null && list.Count != length)
            throw facts.Refuse($"{name} has {list.Count} numbers where {length} are needed");
    }

    /// <summary>How many cells the kernel reaches over along an axis, gaps of dilation included; null when it is not known.</summary>
    internal Int128? KernelExtent(Inference facts, Dim weights, int axis)
    {
        var kernel = KernelShape is null ? weights : facts.Same(KernelShape[axis], weights, "kernel_shape and the extent of the weights");
        return kernel.IsKnown ? (((Int128)kernel.Value - 1) * (Dilations?[axis] ?? 1)) + 1 : null;
    }

    /// <summary>The pads before and after an axis, where they do not follow from the output's extent.</summary>
    internal (long Before, long After) PadsOf(int axis, int axes) => AutoPad == "VALID" || Pads is null ? (0, 0) : (Pads[axis], Pads[axis + axes]);

    private Dim Slide(Inference facts, Dim extent, Dim weights, int axis, int axes, bool ceil)
    {
        var stride = Strides?[axis] ?? 1;
        if (AutoPad is "SAME_UPPER" or "SAME_LOWER")
            return stride == 1 ? extent : Extent.Map(extent, cells => (long)CeilDivide(cells, stride));
        if (KernelExtent(facts, weights, axis) is not { } reach)
            return Dim.Unknown;
        var (before, after) = PadsOf(axis, axes);
        if (!extent.IsKnown)
            return stride == 1 && (Int128)before + after == reach - 1 ? extent : Dim.Unknown;
        var room = (Int128)extent.Value + before + after - reach;
        if (room < 0)
            throw facts.Refuse($"the kernel reaches over {reach} cells along space axis {axis} and does not fit into {extent} + {before} + {after}");
        var steps = ceil ? CeilDivide(room, stride) : room / stride;
        // The last window must start inside the input or its leading pad (ONNX, AveragePool and MaxPool since version 19).
        return Extent.Fitting(ceil && steps * stride >= (Int128)extent.Value + before ? steps : steps + 1);
    }

    private static Int128 CeilDivide(Int128 a, Int128 b) => (a / b) + (a % b == 0 ? 0 : 1);

    private static void RequireAtLeast(Inference facts, string name, IReadOnlyList<long>? list, long least)
    {
        foreach (var number in list ?? [])
            if (number < least)
                throw facts.Refuse($"{name} has the number {number}; {least} is the least");
    }
}
