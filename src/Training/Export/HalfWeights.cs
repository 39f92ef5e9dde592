using Anneal.Onnx;

namespace Anneal.Training.Export;

/// <summary>
/// Stores float32 weights as float16 with a Cast back before they are used: the graph computes in float32 as before, so that any runtime runs it and all
/// give the same, and a runtime that folds constants casts once, when it loads.
/// <list type="number">
/// <item>Initializers of two axes or more go. Biases, scales and running statistics stay: they are small, and a tiny variance would be lost.</item>
/// <item>One with a number beyond float16's range stays as it is.</item>
/// <item>Until IR version 3 an initializer has to be an input of the graph too; such a file is raised to version 4, in which it must not.</item>
/// </list>
/// </summary>
internal sealed class HalfWeights
{
    private const long LastWithoutConstants = 3;

    private HalfWeights(Model stored, Model rounded) => (Stored, Rounded) = (stored, rounded);

    /// <summary>The model with weights of float16.</summary>
    public Model Stored { get; }

    /// <summary>The model with the same numbers as float32, which it computes exactly as <see cref="Stored"/> does.</summary>
    public Model Rounded { get; }

    /// <summary>Bytes of weights before and after.</summary>
    public (long Before, long After) SizeBytes { get; private init; }

    public static HalfWeights Of(Model model, List<string> notices)
    {
        var (stored, rounded) = (model.Copy(), model.Copy());
        DropConstantInputs(stored, notices);
        var before = Bytes(stored);
        foreach (var (own, twin) in stored.Graph.SelfAndSubgraphs().Zip(rounded.Graph.SelfAndSubgraphs()).ToArray())
            foreach (var value in own.Initializers.Where(IsWeight).ToArray())
                if (Halves(value.Initializer!) is { } halves)
                {
                    twin.SetInitializer(twin.Find(value.Name)!, value.Initializer!.WithElements(Widened(halves)));
                    Store(own, value, halves);
                }
                else
                    notices.Add($"'{value.Name}' stays float32: it holds a number beyond the range of float16.");
        return new(stored, rounded) { SizeBytes = (before, Bytes(stored)) };
    }

    /// <summary>Rule 3.</summary>
    private static void DropConstantInputs(Model model, List<string> notices)
    {
        if (model.IrVersion > LastWithoutConstants)
            return;
        notices.Add($"The file was raised from IR version {model.IrVersion} to {LastWithoutConstants + 1}, because {nameof(ExportOptions.Float16Weights)} needs weights that are no inputs of the graph.");
        foreach (var constant in model.Graph.Inputs.Where(input => input.Initializer is not null).ToArray())
            model.Graph.RemoveInput(constant);
        model.IrVersion = LastWithoutConstants + 1;
    }

    /// <summary>Rule 1.</summary>
    private static bool IsWeight(Value value) => value is { IsConstant: true, IsOutput: false, Initializer: { DType: DType.Float32, HasElements: true, Segment: null } tensor } && tensor.Dims.Length >= 2;

    /// <summary>Rule 2.</summary>
    private static Half[]? Halves(TensorData tensor)
    {
        var halves = Array.ConvertAll(tensor.ToFloats(), number => (Half)number);
        var numbers = tensor.As<float>();
        for (var i = 0; i < halves.Length; i++)
            if (Half.IsInfinity(halves[i]) && float.IsFinite(numbers[i]))
                return null;
        return halves;
    }

    private static byte[] Widened(Half[] halves)
    {
        var bytes = new byte[halves.Length * sizeof(float)];
        for (var i = 0; i < halves.Length; i++)
            BitConverter.TryWriteBytes(bytes.AsSpan(i * sizeof(float)), (float)halves[i]);
        return bytes;
    }

    /// <summary>The Cast gives the weight under its old name, before every node.</summary>
    private static void Store(Graph graph, Value value, Half[] halves)
    {
        var name = value.Name;
        graph.Rename(value, graph.UniqueName($"{name}_float16"));
        var node = graph.InsertNode(0, "Cast", [value], [name], NodeAttribute.Of("to", (long)DType.Float32));
        node.Name = name;
        foreach (var use in value.Uses.Where(use => use.Node != node).ToArray())
            use.Node.SetInput(use.Index, node.Outputs[0]);
        graph.SetInitializer(value, TensorData.Create(value.Name, halves, value.Initializer!.Dims));
        value.Type = null;
    }

    private static long Bytes(Model model) => model.AllGraphs().SelectMany(graph => graph.Initializers).Sum(value => value.Initializer!.PayloadLength);
}
