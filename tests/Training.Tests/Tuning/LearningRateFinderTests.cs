using Anneal.Onnx;
using Anneal.Training.Checkpoints;
using Anneal.Training.Nn;
using Anneal.Training.Optim;
using Anneal.Training.Tuning;

namespace Anneal.Training.Tests.Tuning;

public sealed class LearningRateFinderTests
{
    private readonly Generator _generator = new(3);
    private readonly Sequential _net;
    private readonly Sgd _optimizer;

    public LearningRateFinderTests()
    {
        _net = new(new Linear(4, 8, generator: _generator), new BatchNorm1d(8), new Relu(), new Dropout(0.1, _generator), new Linear(8, 2, generator: _generator));
        ParameterGroup[] groups = [new(_net[0].Parameters()) { LearningRate = 0.01 }, new(_net[1].Parameters().Concat(_net[4].Parameters()))];
        _optimizer = new(groups, new() { LearningRate = 0.1, Momentum = 0.9 });
    }

    [Fact]
    public void A_rate_that_trains_is_found_and_everything_is_as_it_was()
    {
        Step(0).Backward();
        _optimizer.Step();
        var state = new TrainingState(_net) { Optimizer = _optimizer, Generator = _generator };
        var before = state.Capture();
        var curve = LearningRateFinder.Run(_net, _optimizer, Step, new() { First = 1e-5, Last = 100 }, _generator, TestContext.Current.CancellationToken);
        var after = state.Capture();
        Assert.Equal(before.Metadata, after.Metadata);
        Assert.Equal(before.Tensors.Keys, after.Tensors.Keys);
        Assert.All(before.Tensors, named => Assert.Equal(named.Value.Bytes.ToArray(), after.Tensors[named.Key].Bytes.ToArray()));
        Assert.All(_net.Parameters(), parameter => Assert.Null(parameter.Grad));
        Assert.InRange(curve.Suggestion!.Value, 1e-4, 10);
        Assert.Equal(1e-5, curve.Points[0].LearningRate, 1e-12);
        Assert.True(curve.Points.Zip(curve.Points.Skip(1)).All(pair => pair.Second.LearningRate > pair.First.LearningRate));
    }

    [Fact]
    public void Groups_keep_their_proportions_while_it_searches()
    {
        var ratios = new List<double>();
        LearningRateFinder.Run(_net, _optimizer, step =>
        {
            ratios.Add(_optimizer.Groups[0].LearningRate / _optimizer.Groups[1].LearningRate);
            return Step(step);
        }, new() { Steps = 10 }, _generator, TestContext.Current.CancellationToken);
        Assert.All(ratios, ratio => Assert.Equal(0.1, ratio, 1e-12));
        Assert.Equal((0.01, 0.1), (_optimizer.Groups[0].LearningRate, _optimizer.Groups[1].LearningRate));
    }

    [Fact]
    public void The_steepest_descent_of_a_known_curve_is_found()
    {
        // The loss falls from 2 to 1 along a logistic curve whose middle is at a rate of 0.01, and is not smoothed.
        var options = new LearningRateFinderOptions { First = 1e-6, Last = 1, Steps = 61, Smoothing = 0 };
        var w = new Parameter(Tensor.From(0f));
        var net = new Sequential();
        var curve = LearningRateFinder.Run(net, new Sgd([w], new() { LearningRate = 1 }), step =>
        {
            var logarithm = -6 + (step * 0.1);
            return (w * 0).Sum() + (float)(2 - (1 / (1 + Math.Exp(-4 * (logarithm + 2)))));
        }, options, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(61, curve.Points.Count);
        Assert.Equal(0.01, curve.Suggestion!.Value, 1e-6);
    }

    [Fact]
    public void A_loss_that_only_rises_has_no_suggestion_and_ends_the_search_early()
    {
        var w = new Parameter(Tensor.From(0f));
        var curve = LearningRateFinder.Run(
            new Sequential(), new Sgd([w], new() { LearningRate = 1 }), step => (w * 0).Sum() + (float)Math.Pow(1.5, step), cancellation: TestContext.Current.CancellationToken);
        Assert.Null(curve.Suggestion);
        Assert.InRange(curve.Points.Count, 5, 20);
    }

    [Fact]
    public void A_loss_that_is_no_number_ends_the_search()
    {
        var w = new Parameter(Tensor.From(0f));
        var curve = LearningRateFinder.Run(
            new Sequential(), new Sgd([w], new() { LearningRate = 1 }), step => (w * 0).Sum() + (step < 7 ? 10 - step : float.NaN), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(7, curve.Points.Count);
        Assert.Equal(0, w.Item());
    }

    [Fact]
    public void Wrong_options_are_refused_and_a_cancelled_search_leaves_everything()
    {
        Assert.Contains("must be above First", Assert.Throws<AnnealException>(() => LearningRateFinder.Run(_net, _optimizer, Step, new() { Last = 0 }, cancellation: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        using var cancellation = new CancellationTokenSource();
        var before = new TrainingState(_net) { Optimizer = _optimizer, Generator = _generator }.Capture();
        Assert.Throws<OperationCanceledException>(() => LearningRateFinder.Run(_net, _optimizer, step =>
        {
            if (step == 4)
                cancellation.Cancel();
            return Step(step);
        }, generator: _generator, cancellation: cancellation.Token));
        var after = new TrainingState(_net) { Optimizer = _optimizer, Generator = _generator }.Capture();
        Assert.Equal(before.Metadata, after.Metadata);
        Assert.All(before.Tensors, named => Assert.Equal(named.Value.Bytes.ToArray(), after.Tensors[named.Key].Bytes.ToArray()));
    }

    /// <summary>The loss of a batch of points that a line divides.</summary>
    private Tensor Step(int step)
    {
        var draws = new Draws(1).At(step);
        var x = Enumerable.Range(0, 16 * 4).Select(i => (float)draws.Normal(i)).ToArray();
        var labels = Enumerable.Range(0, 16).Select(i => x[4 * i] + x[(4 * i) + 1] > 0 ? 1L : 0L).ToArray();
        return Loss.CrossEntropy(_net.Forward(Tensor.From(x, [16, 4])), Tensor.From(labels, [16]));
    }
}
