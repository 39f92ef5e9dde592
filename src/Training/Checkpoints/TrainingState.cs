using Anneal.Onnx;
using Anneal.Training.Nn;
using Anneal.Training.Optim;

namespace Anneal.Training.Checkpoints;

/// <summary>
/// All that a training goes on from: weights and buffers, what the optimiser remembers, the position of the schedule, averages, and the generator.
/// A resumed training that is built like the one before, and goes on at the same batch, ends with the same bits:
/// <code>
/// var state = new TrainingState(model) { Optimizer = optimizer, Scheduler = scheduler };
/// if (folder.Latest() is { } checkpoint)
///     state.Restore(checkpoint);
/// …
/// folder.Save(state.Capture(new Dictionary&lt;string, string&gt; { ["epoch"] = "3" }));
/// </code>
/// Tensors are named <c>model.conv1.weight</c>, <c>optimizer.conv1.weight.momentum</c> and <c>ema.conv1.weight</c>; numbers are in the text
/// <c>anneal.training</c>, as JSON.
/// </summary>
/// <param name="module">The network.</param>
public sealed class TrainingState(ModuleBase module)
{
    /// <summary>The name of the text that holds the numbers.</summary>
    public const string FactsName = "anneal.training";

    private const string ModelPrefix = "model.";
    private const string OptimizerPrefix = "optimizer.";
    private const string EmaPrefix = "ema.";

    /// <summary>The optimiser, or null where there is none.</summary>
    public Optimizer? Optimizer { get; init; }

    /// <summary>The scheduler of the optimiser, or null where rates stay.</summary>
    public Scheduler? Scheduler { get; init; }

    /// <summary>What lowers the rates on a plateau, or null.</summary>
    public Plateau? Plateau { get; init; }

    /// <summary>The averages, or null.</summary>
    public Ema? Ema { get; init; }

    /// <summary>What Dropout draws from; by default <see cref="Generator.Default"/>.</summary>
    public Generator Generator { get; init; } = Generator.Default;

    /// <summary>A checkpoint of everything as it is now. Training does not change it.</summary>
    /// <param name="metadata">Texts to keep with it, such as the epoch and the batch; or null.</param>
    /// <exception cref="AnnealException">A text takes the name <see cref="FactsName"/>.</exception>
    public Checkpoint Capture(IReadOnlyDictionary<string, string>? metadata = null)
    {
        var names = Names();
        var tensors = new OrderedDictionary<string, TensorData>(StringComparer.Ordinal);
        foreach (var (tensor, name) in names)
            tensors.Add(ModelPrefix + name, tensor.ToTensorData());
        foreach (var (name, tensor) in Optimizer?.Remembered(names) ?? [])
            tensors.Add(OptimizerPrefix + name, tensor.ToTensorData());
        foreach (var (name, average) in Ema?.Named(names) ?? [])
            tensors.Add(EmaPrefix + name, average.ToTensorData());
        var texts = new Dictionary<string, string>(metadata ?? new Dictionary<string, string>());
        if (!texts.TryAdd(FactsName, TrainingFacts.Of(this).ToJson()))
            throw new AnnealException($"The text '{FactsName}' is written by {nameof(TrainingState)} itself. Give yours another name.");
        return new(tensors, texts);
    }

    /// <summary>Goes on from a checkpoint: everything is as it was when that was captured.</summary>
    /// <exception cref="AnnealException">
    /// The checkpoint is that of another training: other parts, names, shapes, or rates. What can be told beforehand is told before anything changes.
    /// </exception>
    public void Restore(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        var facts = TrainingFacts.Read(checkpoint);
        facts.RequireParts(this);
        using var scope = TensorScope.Begin();
        using var silence = Grad.Silently();
        RestoreRates(facts);
        module.SetState(Part(checkpoint, ModelPrefix));
        var names = Names();
        Optimizer?.Recall(Part(checkpoint, OptimizerPrefix), names);
        Ema?.Recall(Part(checkpoint, EmaPrefix), names, facts.Ema!.Updates);
        if (facts.Plateau is { } plateau)
            Plateau!.State = plateau;
        Generator.Reset(facts.Seed, facts.Draws);
    }

    private void RestoreRates(TrainingFacts facts)
    {
        if (Scheduler is not null && Plateau is null)
            GoTo(facts);
        else
        {
            Scheduler?.GoTo(facts.Schedule!.Value);
            for (var i = 0; i < facts.Groups.Count; i++)
                facts.Groups[i].ApplyTo(Optimizer!.Groups[i]);
        }
    }

    /// <summary>A schedule says the rates by its position; that they come out as they were shows that it is the same schedule.</summary>
    private void GoTo(TrainingFacts facts)
    {
        var before = Scheduler!.Position;
        Scheduler.GoTo(facts.Schedule!.Value);
        for (var i = 0; i < facts.Groups.Count; i++)
            if (GroupFacts.Of(Optimizer!.Groups[i]) is var here && here != facts.Groups[i])
            {
                Scheduler.GoTo(before);
                throw new AnnealException(
                    $"The checkpoint is that of another schedule or other options: at step {facts.Schedule} group {i} had {facts.Groups[i]}, and would have {here} now. Use the options that it was made with.");
            }
    }

    /// <summary>Names are those of the network's parts, which differ from one another, while those of tensors need not.</summary>
    private Dictionary<MutableTensor, string> Names()
    {
        var names = new Dictionary<MutableTensor, string>();
        foreach (var (name, parameter) in module.NamedParameters())
            names.Add(parameter, name);
        foreach (var (name, buffer) in module.NamedBuffers())
            names.Add(buffer, name);
        return names;
    }

    private static Dictionary<string, Tensor> Part(Checkpoint checkpoint, string prefix) => checkpoint.Tensors
        .Where(named => named.Key.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(named => named.Key[prefix.Length..], named => Tensor.From(named.Value));
}
