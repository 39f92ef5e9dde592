using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>What came of asking a model file about its own golden example.</summary>
/// <param name="File">The full path of the file, or what else the caller calls it.</param>
/// <param name="Engine">The engine that ran it.</param>
/// <param name="Device">The device that it ran on.</param>
/// <param name="Largest">The largest absolute difference from the recorded answer; infinite when the answer is no number where one is recorded.</param>
/// <param name="Tolerance">What the file allows.</param>
public sealed record ModelVerification(string File, string Engine, Device Device, double Largest, double Tolerance)
{
    /// <summary>The batches that were tried, the example standing last in each.</summary>
    public IReadOnlyList<int> Batches { get; init; } = [];

    /// <summary>Whether the file answers as it says it must.</summary>
    public bool IsGood => Largest <= Tolerance;
}
