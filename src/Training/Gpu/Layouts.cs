using Anneal.Training.Cpu;

namespace Anneal.Training.Gpu;

/// <summary>Finds where both sides of a loop stand at an element: layouts differ in how many axes they walk.</summary>
internal interface ILayout
{
    Walk At(int index);
}

/// <summary>A walk from the innermost axis out: what is left of the index, and the offsets so far.</summary>
internal readonly struct Walk(int rest, int a, int b)
{
    public readonly int Rest = rest;
    public readonly int A = a;
    public readonly int B = b;

    public Walk Through(Axis axis)
    {
        var outer = Rest / axis.Extent;
        var at = Rest - (outer * axis.Extent);
        return new(outer, A + (at * axis.StepA), B + (at * axis.StepB));
    }

    /// <summary>Through the outermost axis, which takes all that is left.</summary>
    public Walk Into(Axis axis) => new(0, A + (Rest * axis.StepA), B + (Rest * axis.StepB));
}

internal readonly struct OneAxis(Axis axis) : ILayout
{
    public Walk At(int index) => new Walk(index, 0, 0).Into(axis);
}

internal readonly struct ThreeAxes(Axis outer, Axis middle, Axis inner) : ILayout
{
    public Walk At(int index) => new Walk(index, 0, 0).Through(inner).Through(middle).Into(outer);
}

internal readonly struct SixAxes(Axis first, Axis second, Axis third, Axis fourth, Axis fifth, Axis inner) : ILayout
{
    public Walk At(int index) => new Walk(index, 0, 0).Through(inner).Through(fifth).Through(fourth).Through(third).Through(second).Into(first);
}

/// <summary>What runs over elements in whichever layout fits.</summary>
internal interface ILaidOut
{
    void Run<TLayout>(TLayout layout) where TLayout : struct, ILayout;
}

/// <summary>Chooses the layout of a loop by the number of its axes.</summary>
internal static class Layouts
{
    // ILGPU 1.5.3 takes structs with equal numbers in a row for one type, whatever is nested in them, and mixes them up: eight axes would be a
    // DeviceConvolution and seven a DeviceWindow.
    private const int Most = 6;

    // An axis that adds nothing.
    private static readonly Axis None = new(1, 0, 0);

    /// <summary>Runs a loop over axes, outermost first, of which neighbours that behave alike are one already.</summary>
    public static void Run<TLoop>(ReadOnlySpan<Axis> axes, TLoop loop) where TLoop : ILaidOut
    {
        if (axes.Length > Most)
            throw new Onnx.DeviceUnavailableException($"A GPU's loop walks {Most} axes that do not go on in one another; {axes.Length} were given. Move the tensors to the processor with To(Device.Cpu).");
        Span<Axis> all = [None, None, None, None, None, None];
        axes.CopyTo(all[^axes.Length..]);
        if (axes.Length <= 1)
            loop.Run(new OneAxis(all[5]));
        else if (axes.Length <= 3)
            loop.Run(new ThreeAxes(all[3], all[4], all[5]));
        else
            loop.Run(new SixAxes(all[0], all[1], all[2], all[3], all[4], all[5]));
    }
}
