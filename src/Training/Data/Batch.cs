namespace Anneal.Training.Data;

/// <summary>
/// Samples side by side, with their classes. The tensors belong to the <see cref="TensorScope"/> in which the batch was asked for, and go when
/// it ends or when the loader is asked for the next batch, whichever comes first; <see cref="Keep"/> keeps them.
/// </summary>
public sealed class Batch
{
    internal Batch(int epoch, int number, IReadOnlyList<int> samples, Tensor inputs, Tensor labels, Tensor? softLabels) =>
        (Epoch, Number, Samples, Inputs, Labels, SoftLabels) = (epoch, number, samples, inputs, labels, softLabels);

    /// <summary>The epoch.</summary>
    public int Epoch { get; }

    /// <summary>Which of the epoch's batches this is, counted from 0.</summary>
    public int Number { get; }

    /// <summary>The numbers of the samples in the dataset, in the order of the rows.</summary>
    public IReadOnlyList<int> Samples { get; }

    /// <summary>How many samples there are.</summary>
    public int Count => Samples.Count;

    /// <summary>The inputs, float32: [N,C,H,W] for pictures, or [N,H,W,C] where the model's card says so.</summary>
    public Tensor Inputs { get; }

    /// <summary>The classes, int64: [N].</summary>
    public Tensor Labels { get; }

    /// <summary>Of mixed samples the share of each class, float32: [N,classes]; null where nothing is mixed.</summary>
    public Tensor? SoftLabels { get; }

    /// <summary>Keeps the tensors when the loader goes on and when the scope ends. Returns the batch.</summary>
    public Batch Keep()
    {
        foreach (var tensor in Tensors)
            tensor.Keep();
        return this;
    }

    /// <summary>The batch on a device; what it was made in goes.</summary>
    internal Batch On(Onnx.Device device)
    {
        var moved = new Batch(Epoch, Number, Samples, Inputs.To(device), Labels.To(device), SoftLabels?.To(device));
        if (moved.Inputs != Inputs)
            Discard($"the batch was moved to {device}");
        return moved;
    }

    internal void MoveTo(TensorScope? scope)
    {
        foreach (var tensor in Tensors)
            tensor.MoveTo(scope);
    }

    internal void Discard(string reason)
    {
        foreach (var tensor in Tensors)
            tensor.Discard(reason);
    }

    private IEnumerable<Tensor> Tensors => SoftLabels is null ? [Inputs, Labels] : [Inputs, Labels, SoftLabels];
}
