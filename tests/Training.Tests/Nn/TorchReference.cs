using System.Text.Json;

namespace Anneal.Training.Tests.Nn;

/// <summary>
/// What libtorch gives for small layers, in double: values, gradients and buffers, recorded outside the project (torch-layers.json says how). Inputs
/// and parameters follow from their names by a formula, so that only answers are kept.
/// </summary>
internal static class TorchReference
{
    private static readonly Lazy<JsonDocument> File = new(() =>
        JsonDocument.Parse(System.IO.File.ReadAllText(Path.Combine(TestData.Checkout, "tests", "Training.Tests", "Nn", "torch-layers.json"))));

    /// <summary>The names of all cases.</summary>
    public static IEnumerable<string> Names => Cases.EnumerateObject().Select(row => row.Name);

    /// <summary>The answers of a case, by name.</summary>
    public static IReadOnlyDictionary<string, Tensor> Expected(string name) =>
        Cases.GetProperty(name).EnumerateObject().ToDictionary(answer => answer.Name, answer => Read(answer.Value));

    /// <summary>The numbers of a name.</summary>
    public static Tensor Fill(string name, params int[] shape)
    {
        var seed = name.Sum(letter => (double)letter) * 0.1;
        var elements = new double[TensorShape.Of(shape).ElementCount];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = Math.Sin(seed + (1.37 * i) + (0.011 * i * i)) * 0.9;
        return Tensor.From(elements, TensorShape.Of(shape));
    }

    /// <summary>The numbers of a name, to be differentiated by.</summary>
    public static Tensor Leaf(string name, params int[] shape)
    {
        var tensor = Fill(name, shape);
        tensor.RequiresGrad = true;
        return tensor;
    }

    private static JsonElement Cases => File.Value.RootElement.GetProperty("cases");

    private static Tensor Read(JsonElement answer) => Tensor.From(
        [.. answer.GetProperty("values").EnumerateArray().Select(number => number.GetDouble())],
        TensorShape.Of([.. answer.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt32())]));
}
