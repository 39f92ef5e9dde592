using System.Text.RegularExpressions;

namespace Anneal.Onnx.Tests.Passes;

/// <summary>
/// Graphs short enough for a row of a table: the lines of <see cref="GraphText"/> between semicolons, without what a row does not need to say. Types
/// are float32 unless they are named (<c>x: [1,3,8,8]</c>), a constant of seeded numbers is its shape (<c>w = [4,3,3,3]</c>), a list of integers is
/// its numbers (<c>s = {1,-1}</c>), and the last node's first output is one of the graph.
/// </summary>
internal static partial class RowGraph
{
    /// <summary>The model of a row.</summary>
    public static Model Parse(string row, int operatorSet = 25)
    {
        string[] lines = [.. row.Split(';', StringSplitOptions.TrimEntries)];
        var last = lines[^1][..lines[^1].IndexOfAny([',', ' '])];
        var seeded = lines.Select(line => Seeded().Match(line)).Where(match => match.Success).ToArray();
        var model = GraphText.Model(string.Join('\n', [.. lines.Select(Line), $"-> {last}: Float32"]), operatorSet);
        foreach (var constant in seeded)
            Seed(model.Graph, constant.Groups[1].Value, constant.Groups[2].Value);
        foreach (var output in model.Graph.Outputs)
            output.Type ??= new TensorType(DType.Float32);
        model.OperatorSets["com.microsoft"] = null;
        return model;
    }

    /// <summary>The nodes of a model as they are written in a row.</summary>
    public static string Nodes(Model model) => string.Join("; ", GraphText.Print(model.Graph).Split('\n').Where(line => line.Contains('(', StringComparison.Ordinal)));

    /// <summary>Seeded numbers for a name: from -1 to 1, or from 0.5 to 1.5 when it starts with v.</summary>
    public static float[] Numbers(string name, long count)
    {
        var random = new Random(name.Aggregate(17, (seed, c) => unchecked((seed * 31) + c)));
        var numbers = new float[count];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = name[0] == 'v' ? 0.5f + random.NextSingle() : (random.NextSingle() * 2) - 1;
        return numbers;
    }

    /// <summary>Floats as a tensor of a type; integers from 0 to 2 where the type holds integers.</summary>
    public static TensorData Tensor(string name, DType dtype, float[] numbers, long[] dims) => dtype switch
    {
        DType.Float16 => TensorData.Create(name, Array.ConvertAll(numbers, x => (Half)x), dims),
        DType.BFloat16 => TensorData.FromBytes(name, dtype, dims, numbers.SelectMany(x => BitConverter.GetBytes(SmallFloats.ToBFloat16(x))).ToArray()),
        DType.Double => TensorData.Create(name, Array.ConvertAll(numbers, x => (double)x), dims),
        DType.Int64 => TensorData.Create(name, Array.ConvertAll(numbers, x => (long)MathF.Abs(x * 3)), dims),
        _ => TensorData.Create(name, numbers, dims),
    };

    private static string Line(string statement)
    {
        if (Seeded().Match(statement) is { Success: true } seeded)
            return $"{seeded.Groups[1].Value} = Float32[{seeded.Groups[3].Value}]{{0…}}";
        if (List().Match(statement) is { Success: true } list)
            return $"{list.Groups[1].Value} = Int64[{list.Groups[2].Value.Split(',').Length}]{{{list.Groups[2].Value}}}";
        return statement.Replace(": [", ": Float32[", StringComparison.Ordinal);
    }

    private static void Seed(Graph graph, string name, string dtype)
    {
        var value = graph.Find(name)!;
        var type = dtype.Length == 0 ? DType.Float32 : Enum.Parse<DType>(dtype);
        graph.SetInitializer(value, Tensor(name, type, Numbers(name, value.Initializer!.ElementCount), value.Initializer.Dims.ToArray()));
    }

    [GeneratedRegex(@"^([\w.]+) = (\w*)\[([\d,]*)\]$")]
    private static partial Regex Seeded();

    [GeneratedRegex(@"^([\w.]+) = \{([-\d,]*)\}$")]
    private static partial Regex List();
}
