using Anneal.Onnx;
using Anneal.Training.Checkpoints;

namespace Anneal.Training.Tuning;

/// <summary>The checkpoints of one training.</summary>
/// <param name="path">The folder that they are in.</param>
internal sealed class TuningCheckpoints(string path) : IDisposable
{
    private readonly CheckpointFolder _folder = new(path);

    /// <summary>Where the training was left, or null where there is nothing yet.</summary>
    /// <exception cref="AnnealException">The checkpoint belongs to another training.</exception>
    public TuningCheckpoint? Latest(TuningPlan plan)
    {
        if (_folder.Latest() is not { } latest)
            return null;
        var kept = TuningCheckpoint.From(latest, path);
        return kept.Position.Plan == plan.Digest
            ? kept
            : throw new AnnealException($"The checkpoint in {path} belongs to another training: its model, its data or one of its options was another. Start it as it was started, or give this one a folder of its own.");
    }

    /// <summary>Refuses a folder that holds a training already, which a new one would write over.</summary>
    public void RequireNew()
    {
        if (_folder.Latest() is not null)
            throw new AnnealException($"{path} holds the checkpoint of a training. Go on with it (resume), give another folder, or remove it.");
    }

    public void Keep(StageRun run, TuningPosition position, BestWeights? best) => _folder.Save(TuningCheckpoint.Of(run, position, best));

    public void Dispose() => _folder.Dispose();
}
