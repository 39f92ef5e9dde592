using Anneal.Onnx;
using Anneal.Runtime;

namespace Anneal.Zoo;

/// <summary>Makes golden examples: runs a model and keeps what it answers.</summary>
internal static class GoldenMaker
{
    private const double RelativeTolerance = 1e-4;

    /// <summary>A session for a model in memory, where every machine can open one.</summary>
    public static IModelSession Open(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new OrtEngine().Open(ModelSource.FromModel(model), new() { Device = Device.Cpu, Spinning = false });
    }

    /// <summary>The question with its answer.</summary>
    /// <param name="session">The model.</param>
    /// <param name="card">What its pictures are, or null.</param>
    /// <param name="question">An example without an answer.</param>
    /// <param name="tolerance">The difference to allow, or null for the usual one.</param>
    /// <param name="cancellation">Ends the run.</param>
    public static GoldenExample Make(IModelSession session, ModelCard? card, GoldenExample question, double? tolerance, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (tolerance is { } given && !(double.IsFinite(given) && given >= 0))
            throw new AnnealException($"The tolerance of a golden example is {given}; expected a finite number from 0.");
        if (question is { Seed: null, Picture.Length: 0 or > GoldenExample.LargestPicture })
            throw new AnnealException($"The picture of a golden example has {question.Picture.Length} bytes; expected 1 to {GoldenExample.LargestPicture}. Take a smaller one, or a seed instead.");
        var run = new GoldenRun(session, card, question);
        var answer = run.Answer(run.Batches[0], cancellation);
        Require(session, answer);
        return question with { Expected = answer, Tolerance = tolerance ?? RelativeTolerance * Math.Max(1, answer.Max(Math.Abs)) };
    }

    private static void Require(IModelSession session, float[] answer)
    {
        if (answer.Length is 0 or > GoldenExample.MostExpected)
            throw new AnnealException($"{session} answers with {answer.Length} numbers; a golden example holds 1 to {GoldenExample.MostExpected}.");
        if (!answer.All(float.IsFinite))
            throw new AnnealException($"{session} answers the golden example with {answer.First(number => !float.IsFinite(number))}; expected finite numbers. Its weights or the preprocessing do not fit.");
    }
}
