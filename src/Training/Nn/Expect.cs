using Anneal.Onnx;

namespace Anneal.Training.Nn;

/// <summary>Checks of what a layer is given, so that errors speak of the layer rather than of the operators that it is made of.</summary>
internal static class Expect
{
    /// <summary>x has as many axes as a layout has letters, and so many channels along axis 1.</summary>
    public static void Channels(ModuleBase layer, Tensor x, string layout, int channels)
    {
        Layout(layer, x, layout);
        if (x.Shape[1] != channels)
            throw new ShapeMismatchException($"{layer.Title} takes x {layout} with C = {channels} channels; x has {x.Shape[1]} ({x.Shape}).");
    }

    /// <summary>x has as many axes as a layout has letters.</summary>
    public static void Layout(ModuleBase layer, Tensor x, string layout)
    {
        var rank = layout.AsSpan().Count(',') + 1;
        if (x.Rank != rank)
            throw new ShapeMismatchException($"{layer.Title} takes x {layout}, {rank} axes; {x.Shape} was given.");
    }

    /// <summary>The last axis of x is so long.</summary>
    public static void Features(ModuleBase layer, Tensor x, int features)
    {
        if (x.Rank == 0 || x.Shape[^1] != features)
            throw new ShapeMismatchException($"{layer.Title} takes x […,{features}]; {x.Shape} was given.");
    }

    /// <summary>An argument of a constructor is at least so large.</summary>
    public static int AtLeast(int least, int value, string name) =>
        value >= least ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least {least}.");

    /// <summary>Both arguments of a constructor are at least so large.</summary>
    public static int[] AtLeast(int least, Pair value, string name) => [AtLeast(least, value.H, name), AtLeast(least, value.W, name)];

    /// <summary>A share of something is from 0 to 1.</summary>
    public static double Share(double value, string name) =>
        value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is a share, from 0 to 1.");

    /// <summary>Groups divide channels.</summary>
    public static int Groups(int groups, int channels, string name)
    {
        AtLeast(1, groups, name);
        return channels % groups == 0 ? groups : throw new ArgumentException($"{groups} groups do not divide {channels} channels.", name);
    }
}
