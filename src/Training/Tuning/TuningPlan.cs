using Anneal.Onnx;
using Anneal.Training.Data;
using Anneal.Training.Export;

namespace Anneal.Training.Tuning;

/// <summary>What is to be done, worked out before anything is: the model with its new head, and the stages in which it learns.</summary>
internal sealed class TuningPlan
{
    private TuningPlan(PretrainedModel pretrained, ClassifierHead head, NewHead fresh, IReadOnlyList<Stage> stages, Recipe recipe) =>
        (Pretrained, Head, Fresh, Stages, Recipe) = (pretrained, head, fresh, stages, recipe);

    /// <summary>What is started from.</summary>
    public PretrainedModel Pretrained { get; }

    /// <summary>The head that was found.</summary>
    public ClassifierHead Head { get; }

    /// <summary>The model with its new head. It is not changed.</summary>
    public NewHead Fresh { get; }

    /// <summary>What learns, for how long, one after the other.</summary>
    public IReadOnlyList<Stage> Stages { get; }

    /// <summary>All that decides the numbers.</summary>
    public Recipe Recipe { get; }

    /// <summary>The epochs of all stages.</summary>
    public int Epochs => Stages.Sum(stage => stage.Epochs);

    /// <summary>What must be the same when a training goes on: the recipe, the model and the data.</summary>
    public required string Digest { get; init; }

    /// <summary>How a picture becomes an input, unchanged.</summary>
    public PicturePipeline Plain => Augment.None(Pretrained.Card);

    /// <summary>Works out what is to be done.</summary>
    public static TuningPlan Make(PretrainedModel pretrained, TuningData data, string dataDigest, FineTuneOptions options, CancellationToken cancellation)
    {
        var (model, closed) = Opened(pretrained.Model);
        var head = ClassifierHead.Find(model, options.Head);
        var fresh = head.WithClasses(data.ClassNames.Count, new Draws(options.Seed).For("head"));
        var scale = FeatureScale.Of(fresh, pretrained.Card, data.Train, cancellation);
        var recipe = Recipe.Of(options, head);
        return new(pretrained, head, closed is null ? fresh : fresh with { Notices = [.. fresh.Notices, closed] }, [.. StagesOf(options, fresh, TuningRates.Of(options, scale))], recipe)
        {
            Digest = Digests.OfText($"{recipe.ToJson()}\n{pretrained.Sha256 ?? Digests.OfModel(pretrained.Model)}\n{dataDigest}\n{pretrained.Card.Preprocessing}"),
        };
    }

    /// <summary>Many files state the batch that they were written with, which is 1; several pictures are learned from at once.</summary>
    private static (Model Model, string? Closed) Opened(Model model)
    {
        var copy = model.Copy();
        return OpenBatch.Run(copy) is { } reason
            ? (model, $"The model takes one picture at a time, and what it makes of several is for its nodes to say: {reason}")
            : (copy, null);
    }

    private static IEnumerable<Stage> StagesOf(FineTuneOptions options, NewHead fresh, TuningRates rates)
    {
        var (head, learners) = (fresh.ParameterNames.ToHashSet(), Freezing.Learners(options.Freeze, fresh));
        if (learners.SetEquals(head))
        {
            yield return new(TuningStage.Head, options.Epochs, head, rates.HeadAlone);
            yield break;
        }
        var first = options.HeadEpochs ?? ((options.Epochs + 1) / 3);
        if (first > 0)
            yield return new(TuningStage.Head, first, head, rates.HeadFirst);
        if (first < options.Epochs)
            yield return new(TuningStage.Whole, options.Epochs - first, learners, rates.Whole);
    }

    /// <summary>A time in which the same parameters learn.</summary>
    /// <param name="Kind">Whether only the head learns.</param>
    /// <param name="Epochs">For how many epochs.</param>
    /// <param name="Learners">The names of the parameters that learn.</param>
    /// <param name="Rates">How fast.</param>
    public sealed record Stage(TuningStage Kind, int Epochs, IReadOnlySet<string> Learners, StageRates Rates);
}
