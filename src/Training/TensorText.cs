using System.Globalization;
using System.Text;
using Anneal.Onnx;

namespace Anneal.Training;

/// <summary>A tensor as text for people: type, shape, and the elements when there are few.</summary>
internal static class TensorText
{
    private const int MostElements = 100;

    public static string Of(Tensor tensor)
    {
        var head = tensor.Name is null ? $"{tensor.DType} {tensor.Shape}" : $"{tensor.Name}: {tensor.DType} {tensor.Shape}";
        if (tensor.IsGone || tensor.Count > MostElements || tensor.Device.Kind != DeviceKind.Cpu || CallRecording.Current is not null)
            return head;
        var text = new StringBuilder(head).Append(" = ");
        Append(text, tensor, 0, 0);
        return text.ToString();
    }

    private static void Append(StringBuilder text, Tensor tensor, int axis, int at)
    {
        if (axis == tensor.Rank)
        {
            text.Append(Element(tensor, at));
            return;
        }
        text.Append('[');
        for (var i = 0; i < tensor.Shape[axis]; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            Append(text, tensor, axis + 1, at + (i * tensor.Shape.Product(axis + 1, tensor.Rank)));
        }
        text.Append(']');
    }

    private static string Element(Tensor tensor, int at) => tensor.DType switch
    {
        DType.Float32 => tensor.AsSpan<float>()[at].ToString("G6", CultureInfo.InvariantCulture),
        DType.Double => tensor.AsSpan<double>()[at].ToString("G9", CultureInfo.InvariantCulture),
        DType.Int64 => tensor.AsSpan<long>()[at].ToString(CultureInfo.InvariantCulture),
        DType.Int32 => tensor.AsSpan<int>()[at].ToString(CultureInfo.InvariantCulture),
        DType.UInt8 => tensor.AsSpan<byte>()[at].ToString(CultureInfo.InvariantCulture),
        DType.Bool => tensor.AsSpan<bool>()[at] ? "true" : "false",
        _ => "?",
    };
}
