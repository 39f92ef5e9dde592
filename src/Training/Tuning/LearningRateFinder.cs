using Anneal.Onnx;
using Anneal.Training.Checkpoints;
using Anneal.Training.Nn;
using Anneal.Training.Optim;

namespace Anneal.Training.Tuning;

/// <summary>
/// Finds a learning rate to train with: trains a few steps while the rate grows exponentially, and looks where the loss falls most steeply (the range
/// test of Smith 2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3). Afterwards everything is as it was.
/// </summary>
public static class LearningRateFinder
{
    // The mean of the first few losses is that of too few batches.
    private const int Unsettled = 5;

    /// <summary>Searches.</summary>
    /// <param name="module">The network, in training.</param>
    /// <param name="optimizer">Its optimiser. The group with the greatest rate gets the rate searched with, the others keep their proportions to it.</param>
    /// <param name="loss">The loss of a step, from 0: that of another batch each time.</param>
    /// <param name="options">Rates and steps, or null for the defaults.</param>
    /// <param name="generator">What Dropout draws from; null for <see cref="Generator.Default"/>.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>, with everything as it was.</param>
    /// <exception cref="AnnealException">An option is out of its range, or all rates of the optimiser are 0.</exception>
    public static LearningRateCurve Run(
        ModuleBase module, Optimizer optimizer, Func<int, Tensor> loss, LearningRateFinderOptions? options = null, Generator? generator = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(loss);
        options ??= new();
        options.Validate();
        var shares = Shares(optimizer);
        var state = new TrainingState(module) { Optimizer = optimizer, Generator = generator ?? Generator.Default };
        var before = state.Capture();
        try
        {
            var points = Search(optimizer, shares, loss, options, cancellation);
            return new(points, Suggest(points));
        }
        finally
        {
            optimizer.ZeroGrad();
            state.Restore(before);
        }
    }

    private static double[] Shares(Optimizer optimizer)
    {
        var greatest = optimizer.Groups.Max(group => group.LearningRate);
        return greatest > 0
            ? [.. optimizer.Groups.Select(group => group.LearningRate / greatest)]
            : throw new AnnealException("All learning rates of the optimiser are 0, so that none says how the groups relate. Give it some, such as the defaults.");
    }

    private static List<LearningRatePoint> Search(
        Optimizer optimizer, double[] shares, Func<int, Tensor> loss, LearningRateFinderOptions options, CancellationToken cancellation)
    {
        var points = new List<LearningRatePoint>();
        var (mean, least) = (0.0, double.PositiveInfinity);
        for (var step = 0; step < options.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var rate = options.First * Math.Pow(options.Last / options.First, (double)step / (options.Steps - 1));
            var value = Step(optimizer, shares, loss, step, rate);
            mean = (mean * options.Smoothing) + (value * (1 - options.Smoothing));
            var smoothed = mean / (1 - Math.Pow(options.Smoothing, step + 1));
            if (!double.IsFinite(smoothed) || (step >= Unsettled && smoothed > least * options.StopAt))
                break;
            points.Add(new(rate, value, smoothed));
            least = Math.Min(least, smoothed);
        }
        return points;
    }

    private static double Step(Optimizer optimizer, double[] shares, Func<int, Tensor> loss, int step, double rate)
    {
        for (var i = 0; i < shares.Length; i++)
            optimizer.Groups[i].LearningRate = rate * shares[i];
        using var scope = TensorScope.Begin();
        optimizer.ZeroGrad();
        var result = loss(step);
        var value = result.Item();
        if (double.IsFinite(value))
        {
            result.Backward();
            optimizer.Step();
        }
        return value;
    }

    private static double? Suggest(List<LearningRatePoint> points)
    {
        var lowest = points.Count == 0 ? 0 : points.IndexOf(points.MinBy(point => point.Smoothed));
        var (steepest, best) = (0.0, -1);
        for (var i = Unsettled; i < lowest; i++)
            if (Slope(points[i - 1], points[i + 1]) is var slope && slope < steepest)
                (steepest, best) = (slope, i);
        return best < 0 ? null : points[best].LearningRate;
    }

    private static double Slope(LearningRatePoint from, LearningRatePoint to) =>
        (to.Smoothed - from.Smoothed) / Math.Log(to.LearningRate / from.LearningRate);
}
