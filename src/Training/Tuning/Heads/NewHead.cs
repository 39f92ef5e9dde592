using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Training.Tuning;

/// <summary>A model with a new head.</summary>
/// <param name="Model">The model, to be trained: its one output is logits, [N,C] or [N,C,1,1] as the original had it.</param>
/// <param name="ParameterNames">The names of the new initializers: the weight, then the bias where there is one.</param>
public sealed record NewHead(Model Model, IReadOnlyList<string> ParameterNames)
{
    /// <summary>What <see cref="Model"/> ends in: always logits, which losses take.</summary>
    public OutputKind OutputKind { get; init; } = OutputKind.Logits;

    /// <summary>The Softmax or LogSoftmax that the original has at its end and <see cref="Model"/> has not; null where there was none.</summary>
    public HeadEnding? Ending { get; init; }

    /// <summary>What else differs from the original, in full sentences: outputs that were left out. Mostly empty.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];
}
