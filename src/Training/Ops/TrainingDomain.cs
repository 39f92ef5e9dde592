namespace Anneal.Training.Ops;

/// <summary>The domain of operators that ONNX does not have: gradients that are faster in one piece.</summary>
internal static class TrainingDomain
{
    public const string Name = "ai.anneal.training";
}
