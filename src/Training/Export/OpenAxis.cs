namespace Anneal.Training.Export;

/// <summary>An axis of the input that is open in the file, with the extents that it has in the two recordings.</summary>
/// <param name="Axis">The axis of the input.</param>
/// <param name="Symbol">What the file calls its extent: <c>N</c>.</param>
/// <param name="First">The extent in the first recording.</param>
/// <param name="Second">The extent in the second recording, another one.</param>
internal sealed record OpenAxis(int Axis, string Symbol, int First, int Second)
{
    // Few pictures, since whole networks run twice; not 1, which broadcasts.
    private const int FirstBatch = 2;
    private const int SecondBatch = 3;

    /// <summary>The batch, where it is open, and the other axes. Each grows by a share of its own, so that a number tells which axis it comes from.</summary>
    public static IReadOnlyList<OpenAxis> Of(TensorShape input, ExportOptions options)
    {
        var axes = new List<OpenAxis>();
        if (options.DynamicBatch && input.Rank > 0)
            axes.Add(new(0, "N", FirstBatch, SecondBatch));
        foreach (var axis in options.DynamicAxes.Distinct().Order())
        {
            if (axis < 1 || axis >= input.Rank)
                throw new Onnx.AnnealException($"{nameof(ExportOptions)}.{nameof(ExportOptions.DynamicAxes)} names axis {axis}; the input {input} has the axes 1 to {input.Rank - 1} beside the batch.");
            var step = axes.Count(open => open.Axis > 0) + 1;
            axes.Add(new(axis, $"D{axis}", input[axis], input[axis] + Math.Max(1, input[axis] * step / 4)));
        }
        return axes;
    }

    /// <summary>How many times the extent a number is that was <paramref name="first"/> in the first recording; 0 when it is no multiple of it.</summary>
    public long Multiple(long first, long second) => first % First == 0 && second % Second == 0 && first / First == second / Second ? first / First : 0;
}
