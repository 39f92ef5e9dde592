using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Tests.Ops;

/// <summary>Whether what was inferred of a value is true of the tensor that was computed.</summary>
internal static class FactTruth
{
    /// <summary>Whether nothing that is known is wrong; a symbol without a number may stand for any.</summary>
    public static bool IsTrueOf(this Fact fact, TensorData real, IReadOnlyDictionary<string, long> symbols) =>
        (fact.DType == DType.Undefined || fact.DType == real.DType)
        && (fact.Shape is null || AreTrue(fact.Shape, real.Dims.ToArray(), symbols))
        && (fact.Elements is null || AreTrue(fact.Elements, real.ToInt64s(), symbols));

    private static bool AreTrue(IReadOnlyList<Dim> inferred, long[] real, IReadOnlyDictionary<string, long> symbols) =>
        inferred.Count == real.Length
        && inferred.Zip(real).All(pair => pair.First.IsUnknown
            || (pair.First.IsKnown ? pair.First.Value == pair.Second : symbols.GetValueOrDefault(pair.First.Symbol!, pair.Second) == pair.Second));
}
