using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Nn;

/// <summary>
/// Batch normalisation in training, as PyTorch does it (Ioffe and Szegedy 2015, "Batch Normalization", algorithm 1): each channel is brought to the
/// batch's own mean and variance, that of the population; the running variance moves towards the sample's, which is n / (n - 1) times as large.
/// ONNX's operator in training mode moves it towards the population's, so the running statistics are moved here.
/// </summary>
/// <param name="epsilon">What is added to the variance.</param>
internal sealed class BatchStatistics(float epsilon)
{
    // With momentum 0 the operator's running statistics are the batch's.
    private readonly BatchNormalization _op = new() { Epsilon = epsilon, Momentum = 0, TrainingMode = true };

    /// <summary>Normalises x [N,C,…] by its own statistics.</summary>
    /// <param name="x">The batch, in which each channel has two elements or more (<see cref="CanMeasure"/>).</param>
    /// <param name="scale">[C].</param>
    /// <param name="bias">[C].</param>
    /// <param name="running">What moves towards the batch's statistics; null for nothing.</param>
    public Tensor Normalise(Tensor x, Tensor scale, Tensor bias, RunningStatistics? running)
    {
        if (running is not { } moving)
            return Tensor.Apply(_op, x, scale, bias, Tensor.Zeros(scale.Shape, x.DType, x.Device), Tensor.Ones(scale.Shape, x.DType, x.Device));
        var outputs = Tensor.ApplyAll(_op, 3, x, scale, bias, moving.Mean, moving.Variance);
        double count = x.Count / scale.Count;
        using var silence = Grad.Silently();
        using var scope = TensorScope.Begin();
        Move(moving.Mean, outputs[1], moving.Momentum);
        Move(moving.Variance, outputs[2] * (count / (count - 1)), moving.Momentum);
        return outputs[0];
    }

    /// <summary>Whether each channel has two elements or more: the variance of a single one says nothing.</summary>
    public static bool CanMeasure(Tensor x, int channels) => x.Count / channels >= 2;

    /// <summary>The error for a batch that is too small.</summary>
    public static ShapeMismatchException TooSmall(string title, Tensor x) =>
        new($"{title} cannot measure a variance: x {x.Shape} has no two values for each channel, which training needs. Use a larger batch, or Eval.");

    private static void Move(StateTensor state, Tensor batch, double momentum) => state.Assign((state * (1 - momentum)) + (batch * momentum));
}

/// <summary>Running statistics [C], and the share of a batch's in the new ones.</summary>
internal readonly record struct RunningStatistics(StateTensor Mean, StateTensor Variance, double Momentum);
