using System.Globalization;
using Anneal.Zoo;

namespace Anneal.Training.Tuning;

/// <summary>What the card of a tuned model says: of pictures what the original's says, and of classes what was learned.</summary>
internal static class TunedCard
{
    private const int Named = 6;

    public static ModelCard Of(TuningPlan plan, IReadOnlyList<string> classNames, ClassificationMetrics metrics)
    {
        var parent = plan.Pretrained.Card;
        var names = string.Join(", ", classNames.Take(Named)) + (classNames.Count > Named ? $" and {classNames.Count - Named} more" : "");
        return new()
        {
            Name = $"{parent.Name}-tuned",
            Summary = $"{parent.Name}, tuned to {names}.",
            OutputKind = plan.Fresh.Ending?.OutputKind ?? plan.Fresh.OutputKind,
            Preprocessing = parent.Preprocessing,
            Input = parent.Input,
            Licence = parent.Licence,
            Accuracy = [new("validation", 100 * metrics.Top1, string.Create(CultureInfo.InvariantCulture, $"measured while it was tuned, on {metrics.Count} pictures"))],
        };
    }
}
