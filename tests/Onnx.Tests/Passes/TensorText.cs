using System.Globalization;

namespace Anneal.Onnx.Tests.Passes;

/// <summary>Tensors as text: <c>Float32[2,2]{1,2,3,4}</c>, or <c>Float32[300]{0.5…}</c> for one number repeated.</summary>
internal static class TensorText
{
    public static TensorData Parse(string text, string name = "")
    {
        var (open, body) = (text.IndexOf('[', StringComparison.Ordinal), text.IndexOf('{', StringComparison.Ordinal));
        long[] dims = [.. Items(text[(open + 1)..(body - 1)]).Select(dim => long.Parse(dim, CultureInfo.InvariantCulture))];
        var elements = Items(text[(body + 1)..^1].TrimEnd('…'));
        if (text.EndsWith("…}", StringComparison.Ordinal))
            elements = [.. Enumerable.Repeat(elements[0], (int)dims.Aggregate(1L, (a, b) => a * b))];
        return Enum.Parse<DType>(text[..open]) switch
        {
            DType.Float32 => Create<float>(name, elements, dims),
            DType.Double => Create<double>(name, elements, dims),
            DType.Float16 => Create<Half>(name, elements, dims),
            DType.Int64 => Create<long>(name, elements, dims),
            DType.Int32 => Create<int>(name, elements, dims),
            DType.Int8 => Create<sbyte>(name, elements, dims),
            DType.UInt8 => Create<byte>(name, elements, dims),
            DType.Bool => TensorData.Create(name, Array.ConvertAll(elements, bool.Parse), dims),
            DType.String => TensorData.FromStrings(name, elements, dims),
            var other => throw new ArgumentException($"Tensors of {other} cannot be written as text."),
        };
    }

    public static string[] Elements(TensorData tensor) => tensor.DType switch
    {
        DType.Float32 => Texts(tensor.As<float>().ToArray()),
        DType.Double => Texts(tensor.As<double>().ToArray()),
        DType.Float16 => Texts(tensor.As<Half>().ToArray()),
        DType.Bool => Array.ConvertAll(tensor.As<bool>().ToArray(), element => element ? "true" : "false"),
        DType.String => [.. tensor.Strings],
        _ => Texts(tensor.ToInt64s()),
    };

    private static TensorData Create<T>(string name, string[] elements, long[] dims) where T : unmanaged, IParsable<T> =>
        TensorData.Create(name, Array.ConvertAll(elements, element => T.Parse(element, CultureInfo.InvariantCulture)), dims);

    private static string[] Texts<T>(T[] elements) where T : IFormattable => Array.ConvertAll(elements, element => element.ToString(null, CultureInfo.InvariantCulture));

    private static string[] Items(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
