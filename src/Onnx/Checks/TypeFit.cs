namespace Anneal.Onnx.Checks;

/// <summary>Compares what is declared with what is known.</summary>
internal static class TypeFit
{
    /// <summary>How a known type contradicts a declared one, as a sentence; null when the two can be of one value.</summary>
    public static string? Contradiction(OnnxType declared, OnnxType known)
    {
        if (declared is UnstatedType || known is UnstatedType)
            return null;
        if (declared.GetType() != known.GetType())
            return $"It is declared as {Text(declared)} and is {Text(known)}.";
        return declared is TensorType stated && known is TensorType found && Contradict(stated, found)
            ? $"It is declared as {Text(declared)} and is {Text(known)}."
            : null;
    }

    private static bool Contradict(TensorType a, TensorType b) =>
        (a.ElementType != b.ElementType && a.ElementType != DType.Undefined && b.ElementType != DType.Undefined)
        || (a.Shape is { } x && b.Shape is { } y && (x.Rank != y.Rank || x.Zip(y).Any(pair => Differ(pair.First, pair.Second))));

    private static bool Differ(Dim a, Dim b) => a.IsKnown && b.IsKnown && a.Value != b.Value;

    private static string Text(OnnxType type) => FaultReport.Clip(type.ToString());
}
