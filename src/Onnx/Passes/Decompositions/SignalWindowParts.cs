using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes.Decompositions;

/// <summary>A window as a sum of cosines: a - b cos(2π i / n) + c cos(4π i / n), n being the size, or one less where the window is symmetric.</summary>
internal static class SignalWindowParts
{
    public static void Write(Replacement to, double a, double b, double c)
    {
        var op = to.Read<SignalWindow>();
        var size = to.Add("size", "Cast", [to.Input(0)], NodeAttribute.Of("to", (long)DType.Int64));
        var index = to.Add("index", "Cast", [to.Count("count", size)], Float);
        var period = op.Periodic ? size : to.Add("period", "Sub", [size, to.Scalar(1L)]);
        var turn = to.Add("turn", "Div", [index, to.Add("period_number", "Cast", [period], Float)]);
        var window = to.Add("window", "Sub", [to.Scalar((float)a), Wave(to, "first", turn, 2 * Math.PI, b)]);
        if (c != 0)
            window = to.Add("window_second", "Add", [window, Wave(to, "second", turn, 4 * Math.PI, c)]);
        to.Give(0, to.Add("window_cast", "Cast", [window], NodeAttribute.Of("to", (long)op.OutputDatatype)));
    }

    private static NodeAttribute Float => NodeAttribute.Of("to", (long)DType.Float32);

    private static Value Wave(Replacement to, string part, Value turn, double angle, double weight)
    {
        var cosine = to.Add($"{part}_cosine", "Cos", [to.Add($"{part}_angle", "Mul", [turn, to.Scalar((float)angle)])]);
        return to.Add(part, "Mul", [cosine, to.Scalar((float)weight)]);
    }
}
