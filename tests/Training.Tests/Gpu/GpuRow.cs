using Anneal.Onnx;
using Anneal.Training.Ops;

namespace Anneal.Training.Tests.Gpu;

/// <summary>A row of the matrix on a device: its values, and the gradients of a weighted sum of them.</summary>
internal sealed record GpuRow(double[][] Values, double[][] Gradients)
{
    private static readonly HashSet<string> NamesInDouble =
    [
        "CumSum False False", "CumProd True True", "TopK", "ScatterElements none", "ScatterElements add", "ScatterElements mul", "Pad",
        "Resize linear half_pixel up", "Col2Im", "Det", "Gather of rows", "Einsum bij,bjk->bik",
    ];

    /// <summary>Rows that GPUs also run in double.</summary>
    public static IEnumerable<OpCase> InDouble => OpCases.All().Where(row => NamesInDouble.Contains(row.Name));

    /// <summary>Runs a row in float32 or in double; null and the reason when the device refuses it.</summary>
    public static GpuRow? TryRun(OpCase row, Device device, out string? refusal, bool twice = false)
    {
        using var scope = TensorScope.Begin();
        refusal = null;
        try
        {
            return Run(row, device, twice);
        }
        catch (DeviceUnavailableException e)
        {
            refusal = e.Message;
            return null;
        }
    }

    private static GpuRow Run(OpCase row, Device device, bool twice)
    {
        var leaves = Place(row, row.Make(twice), device);
        var outputs = Tensor.ApplyAll(row.Op, row.Outputs, leaves);
        Tensor? loss = null;
        var random = new Random(5);
        foreach (var y in outputs.Where(y => y.DType is DType.Float32 or DType.Double))
        {
            var part = (y * Draw(random, y)).Sum();
            loss = loss is null ? part : loss + part;
        }
        double[][] values = [.. outputs.Select(ToDoubles)];
        if (row.NoGradient is null && loss is { RequiresGrad: true })
            loss.Backward();
        return new(values, [.. leaves.Select(leaf => leaf?.Grad is { } grad ? ToDoubles(grad) : [])]);
    }

    /// <summary>What steers an operator stays on the processor, as it would in a program.</summary>
    private static Tensor?[] Place(OpCase row, Tensor?[] inputs, Device device)
    {
        var kernel = KernelTable.Find(row.Op);
        for (var i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] is not { } input)
                continue;
            inputs[i] = kernel.IsReadByHost(i) ? input : input.To(device);
            if (row.Inputs[i].IsDifferentiated)
                inputs[i]!.RequiresGrad = true;
        }
        return inputs;
    }

    private static Tensor Draw(Random random, Tensor like)
    {
        var elements = new float[like.Count];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = (float)((random.NextDouble() * 2) - 1);
        return Tensor.From(elements, like.Shape, like.Device).To(like.DType);
    }

    private static double[] ToDoubles(Tensor tensor) => tensor.To(Device.Cpu).To(DType.Double).ToArray<double>();
}
