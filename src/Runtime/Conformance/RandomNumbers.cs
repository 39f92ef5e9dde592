using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Runtime.Conformance;

/// <summary>
/// Whether a case draws random numbers. Its vectors then hold what NumPy's generator gave when they were written, which no engine can give again.
/// </summary>
internal static class RandomNumbers
{
    private const int Ratio = 1;
    private const int TrainingMode = 2;

    public static bool AreIn(Model model, ConformanceCase @case) =>
        model.AllGraphs().SelectMany(graph => graph.Nodes).Any(node => node.OpType == nameof(Dropout) && node.Domain is "" or "ai.onnx"
            ? Drops(node, model, @case)
            : OpTable.Find(node.Domain, node.OpType) is { Blank.IsRandom: true });

    /// <summary>Dropout draws when it trains and leaves something out.</summary>
    private static bool Drops(Node node, Model model, ConformanceCase @case) =>
        node.Input(TrainingMode) is { } mode && Value(mode, model, @case)?.Bytes.Span[0] != 0
        && (node.Input(Ratio) is not { } ratio || Value(ratio, model, @case)?.ToFloats() is not [0]);

    /// <summary>What a value is before the model runs: a constant, or what the vectors give for an input; null when only a run could tell.</summary>
    private static TensorData? Value(Value value, Model model, ConformanceCase @case)
    {
        if (value.Initializer is { } constant)
            return constant;
        if (value.Producer is { OpType: nameof(Constant) } node)
            return node.Attribute("value")?.AsTensor();
        var input = model.Graph.RequiredInputs.ToList().IndexOf(value);
        return input >= 0 && ConformanceCase.Vectors(@case.DataSets[0], "input") is var paths && input < paths.Count ? TensorFile.Load(paths[input]) : null;
    }
}
