namespace Anneal.Training.Tuning;

/// <summary>A training's figures for TensorBoard.</summary>
/// <param name="folder">The folder.</param>
/// <param name="resumedAt">The step that a resumed training goes on from; null for a new one.</param>
internal sealed class TuningEvents(string folder, long? resumedAt) : IDisposable
{
    private readonly EventFile _file = new(folder, resumedAt);

    public void Step(long step, double loss, double rate)
    {
        _file.Scalar("step/loss", loss, step);
        _file.Scalar("step/learning_rate", rate, step);
    }

    public void Epoch(EpochReport report)
    {
        _file.Scalar("epoch/train_loss", report.TrainLoss, report.Epoch);
        _file.Scalar("epoch/validation_loss", report.ValidationLoss, report.Epoch);
        _file.Scalar("epoch/top1", report.Top1, report.Epoch);
        _file.Flush();
    }

    public void Dispose() => _file.Dispose();
}
