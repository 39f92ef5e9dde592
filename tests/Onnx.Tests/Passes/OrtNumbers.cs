namespace Anneal.Onnx.Tests.Passes;

/// <summary>What ONNX Runtime computes of a model as it stands, as numbers to be compared.</summary>
internal static class OrtNumbers
{
    /// <summary>All outputs, one after the other, for given inputs.</summary>
    public static float[][] Run(Model model, IReadOnlyList<TensorData> inputs) => [.. OrtRun.Run(model, inputs).Select(output => output.ToFloats())];

    /// <summary>Seeded numbers for the inputs that a caller must give, open extents being the batch.</summary>
    public static TensorData[] Inputs(Model model, int batch = 1, string seed = "") => [.. model.Graph.RequiredInputs.Select(input => Input(input, batch, seed))];

    /// <summary>The greatest difference of two runs, relative to the greatest number of the output.</summary>
    public static double Difference(float[][] a, float[][] b)
    {
        Assert.Equal(a.Length, b.Length);
        return a.Zip(b, Difference).Max();
    }

    private static double Difference(float[] a, float[] b)
    {
        Assert.Equal(a.Length, b.Length);
        Assert.All(a, x => Assert.True(float.IsFinite(x)));
        var scale = Math.Max(1e-6, a.Max(Math.Abs));
        return a.Zip(b, (x, y) => float.IsFinite(y) ? Math.Abs((double)x - y) / scale : double.PositiveInfinity).Max();
    }

    private static TensorData Input(Value input, int batch, string seed)
    {
        var type = (TensorType)input.Type!;
        long[] dims = [.. type.Shape!.Select(dim => dim.IsKnown ? dim.Value : batch)];
        return RowGraph.Tensor(input.Name, type.ElementType, RowGraph.Numbers(input.Name + seed, dims.Aggregate(1L, (a, b) => a * b)), dims);
    }
}
