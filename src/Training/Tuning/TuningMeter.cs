using System.Diagnostics;

namespace Anneal.Training.Tuning;

/// <summary>Measures how a training gets on and tells who wants to know.</summary>
/// <param name="progress">Who is told; null for nobody.</param>
/// <param name="epochs">How many epochs there are.</param>
internal sealed class TuningMeter(IProgress<TuningProgress>? progress, int epochs)
{
    private readonly Stopwatch _epoch = new();
    private int _images;
    private double _stepsBefore;
    private double _secondsBefore;

    /// <summary>How long the epoch has learned so far.</summary>
    public TimeSpan Elapsed => _epoch.Elapsed;

    /// <summary>Pictures that the epoch has learned from since it began, or went on, in this process.</summary>
    public int Images => _images;

    public void BeginEpoch()
    {
        _images = 0;
        _epoch.Restart();
    }

    public void EndEpoch(int batches)
    {
        _epoch.Stop();
        _stepsBefore += batches;
        _secondsBefore += _epoch.Elapsed.TotalSeconds;
    }

    public void Learned(Place place, int images, double meanLoss, double rate)
    {
        _images += images;
        progress?.Report(new(place.Stage, place.Epoch + 1, epochs, place.Batch, place.Batches)
        {
            Loss = meanLoss,
            LearningRate = rate,
            ImagesPerSecond = _images / Math.Max(_epoch.Elapsed.TotalSeconds, 1e-9),
            Left = Left(place),
        });
    }

    public void Prepared(TuningStage stage, long done, long total) => progress?.Report(new(stage, 0, epochs, done, total));

    public void Finished(Place place, EpochReport report) =>
        progress?.Report(new(place.Stage, place.Epoch + 1, epochs, place.Batch, place.Batches) { Finished = report, Loss = report.TrainLoss, LearningRate = report.LearningRate });

    public void Notice(string sentence) => progress?.Report(new(TuningStage.Checking, 0, epochs, 0, 0) { Notice = sentence });

    /// <summary>The epochs to come are taken to be as fast as those of this stage so far.</summary>
    private TimeSpan? Left(Place place)
    {
        var (steps, seconds) = (_stepsBefore + place.Batch, _secondsBefore + _epoch.Elapsed.TotalSeconds);
        if (steps == 0)
            return null;
        var rest = (place.Batches - place.Batch) + ((long)(place.StageEnd - place.Epoch - 1) * place.Batches);
        return TimeSpan.FromSeconds(seconds / steps * rest);
    }

    public void BeginStage() => (_stepsBefore, _secondsBefore) = (0, 0);

    /// <summary>Where a training is.</summary>
    /// <param name="Stage">What learns.</param>
    /// <param name="Epoch">The epoch of all stages, counted from 0.</param>
    /// <param name="StageEnd">The first epoch after the stage.</param>
    /// <param name="Batch">How many of the epoch's batches are done.</param>
    /// <param name="Batches">Of how many.</param>
    public readonly record struct Place(TuningStage Stage, int Epoch, int StageEnd, int Batch, int Batches);
}
