using System.Globalization;
using Anneal.Training.Tuning;

namespace Anneal.Cli.Tuning;

/// <summary>
/// A training as people see it: on a terminal one line that moves, and a line of results for each epoch. What is read by a program gets the epochs
/// alone, as JSON.
/// </summary>
internal sealed class TuningDisplay(Screen screen, bool asJson) : IProgress<TuningProgress>
{
    private const int BarLength = 16;

    private TuningStage? _announced;
    private double _seconds;
    private long _images;

    /// <summary>Pictures learned from, a second, over all epochs so far.</summary>
    public double ImagesPerSecond => _seconds > 0 ? _images / _seconds : 0;

    public void Report(TuningProgress value)
    {
        if (value.Notice is { } notice)
            screen.Notice(notice);
        else if (value.Finished is { } report)
            Finish(report, value.Epochs);
        else if (screen.IsErrorRich)
            screen.Live(Line(value));
        else
            Announce(value);
    }

    private void Finish(EpochReport report, int epochs)
    {
        (_seconds, _images) = (_seconds + report.Duration.TotalSeconds, _images + report.Images);
        screen.EndLive();
        screen.Line(asJson ? Json(report, epochs) : Text(report, epochs));
    }

    /// <summary>A log gets a line where something else begins, not one for each step.</summary>
    private void Announce(TuningProgress progress)
    {
        if (_announced != progress.Stage)
            screen.Notice($"{Name(progress.Stage)} …");
        _announced = progress.Stage;
    }

    private static string Line(TuningProgress progress) => progress.Stage is TuningStage.Checking or TuningStage.Features
        ? $"{Name(progress.Stage)} {Bar(progress)} {progress.Done} of {progress.Total}"
        : string.Create(CultureInfo.InvariantCulture,
            $"epoch {progress.Epoch}/{progress.Epochs} {Bar(progress)} loss {progress.Loss:0.000}, {progress.ImagesPerSecond:0} images/s{Left(progress)}");

    private static string Text(EpochReport report, int epochs) => string.Create(CultureInfo.InvariantCulture,
        $"epoch {report.Epoch}/{epochs} ({Name(report.Stage)}): loss {report.TrainLoss:0.0000}; validation loss {report.ValidationLoss:0.0000}, right {100 * report.Top1:0.0} %; {report.ImagesPerSecond:0} images/s{(report.IsBest ? "  best" : "")}");

    private static string Json(EpochReport report, int epochs) => JsonText.Object(json =>
    {
        json.WriteNumber("epoch", report.Epoch);
        json.WriteNumber("epochs", epochs);
        json.WriteString("stage", report.Stage == TuningStage.Head ? "head" : "whole");
        json.Number("trainLoss", report.TrainLoss);
        json.Number("validationLoss", report.ValidationLoss);
        json.Number("top1", report.Top1);
        json.Number("learningRate", report.LearningRate);
        json.Number("imagesPerSecond", report.ImagesPerSecond);
        json.WriteBoolean("best", report.IsBest);
    });

    private static string Name(TuningStage stage) => stage switch
    {
        TuningStage.Checking => "looking through the data",
        TuningStage.Features => "features of the frozen part",
        TuningStage.Head => "the head learns",
        TuningStage.Whole => "all that is not frozen learns",
        _ => throw new ArgumentOutOfRangeException(nameof(stage), stage, "This is no stage."),
    };

    private static string Bar(TuningProgress progress)
    {
        var done = progress.Total == 0 ? 0 : (int)Math.Clamp(BarLength * progress.Done / progress.Total, 0, BarLength);
        return new string('\u2588', done) + new string('\u2591', BarLength - done);
    }

    private static string Left(TuningProgress progress) => progress.Left is { } left ? $", {Quantity.Time(left)} left" : "";
}
