using Anneal.Onnx;
using Anneal.Training.Optim;

namespace Anneal.Training.Tests.Optim;

/// <summary>Schedules against PyTorch's sequences.</summary>
public sealed class ScheduleTests
{
    private const double BaseRate = 0.1;

    private static readonly Dictionary<string, Schedule> Known = new()
    {
        ["step 3 0.5"] = new StepDecay(3, 0.5),
        ["multi-step 2 5 9 0.3"] = new MultiStepDecay([5, 2, 9], 0.3),
        ["exponential 0.9"] = new ExponentialDecay(0.9),
        ["cosine 8 0.001"] = new Cosine(8, 0.001),
        ["linear 5 0.25"] = new WarmUp(5) { FirstShare = 0.25 },
        ["one-cycle 20"] = new OneCycle(20),
        ["one-cycle 20 linear"] = new OneCycle(20) { IsLinear = true },
        ["one-cycle 20 three"] = new OneCycle(20) { HasThreePhases = true },
    };

    public static TheoryData<string> Names => [.. Known.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Rates_are_those_that_PyTorch_gives(string name)
    {
        var expected = GoldenFile.Read("libtorch-optimisers.json").GetProperty("schedules").Numbers(name);
        var optimizer = Optimizer();
        var scheduler = new Scheduler(optimizer, Known[name]);
        for (var step = 0; step < expected.Length; step++)
        {
            Assert.Equal(expected[step], scheduler.LearningRate, 1e-15);
            Assert.Equal(expected[step], new Scheduler(Optimizer(), Known[name], step).LearningRate, 1e-15);
            if (step + 1 < expected.Length)
                scheduler.Step();
        }
    }

    [Theory, InlineData("one-cycle 20 momentum", false), InlineData("one-cycle 20 three linear momentum", true)]
    public void One_cycle_moves_the_momentum_the_other_way(string name, bool isThreeLinear)
    {
        var expected = GoldenFile.Read("libtorch-optimisers.json").GetProperty("schedules").Numbers(name);
        var schedule = new OneCycle(20) { HasThreePhases = isThreeLinear, IsLinear = isThreeLinear };
        var optimizer = Optimizer();
        var scheduler = new Scheduler(optimizer, schedule);
        for (var step = 0; step < 20; step++, scheduler.Step())
            Assert.Equal(expected[step], optimizer.Groups[0].Momentum, 1e-15);
        Assert.Contains("20 steps", Assert.Throws<AnnealException>(scheduler.Step).Message, StringComparison.Ordinal);
        Assert.Equal(0.9, (schedule with { CyclesMomentum = false }).MomentumAt(0.9, 3));
    }

    // SGDR's equation 5 by a walk through the periods, one step at a time.
    [Theory, InlineData(4, 1), InlineData(3, 2)]
    public void Restarts_follow_the_published_equation(int first, int growth)
    {
        var schedule = new CosineRestarts(first, growth, 0.01);
        var (at, period) = (0, first);
        for (var step = 0; step < 40; step++)
        {
            Assert.Equal(0.01 + (0.5 * (BaseRate - 0.01) * (1 + Math.Cos(at * Math.PI / period))), schedule.RateAt(BaseRate, step), 1e-15);
            if (++at == period)
                (at, period) = (0, period * growth);
        }
    }

    [Fact]
    public void A_warm_up_comes_before_any_other()
    {
        Schedule[] others = [new Constant(), new CosineRestarts(5, 2), new OneCycle(12) { HasThreePhases = true }, .. Known.Values];
        foreach (var other in others)
        {
            var schedule = other.After(4);
            for (var step = 0; step < 4; step++)
            {
                Assert.Equal(BaseRate * ((1.0 / 3) + (2.0 / 3 * step / 4)), schedule.RateAt(BaseRate, step), 1e-15);
                Assert.Equal(0.9, schedule.MomentumAt(0.9, step));
            }
            for (var step = 0; step < 12; step++)
                Assert.Equal((other.RateAt(BaseRate, step), other.MomentumAt(0.9, step)), (schedule.RateAt(BaseRate, step + 4), schedule.MomentumAt(0.9, step + 4)));
        }
    }

    [Fact]
    public void Groups_keep_their_proportions()
    {
        Parameter a = new(Tensor.Ones([1])), b = new(Tensor.Ones([1]));
        var optimizer = new Sgd([new ParameterGroup([a]), new ParameterGroup([b]) { LearningRate = 0.01 }], new() { LearningRate = 0.1 });
        var scheduler = new Scheduler(optimizer, new Cosine(10));
        for (var step = 0; step < 7; step++)
            scheduler.Step();
        Assert.Equal(10, optimizer.Groups[0].LearningRate / optimizer.Groups[1].LearningRate, 1e-12);
    }

    [Fact]
    public void A_plateau_lowers_the_rate_when_PyTorch_does()
    {
        double[] figures = [5, 4, 4.5, 4, 3.9999, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2];
        var expected = GoldenFile.Read("libtorch-optimisers.json").GetProperty("schedules").Numbers("plateau 0.5 2 1 0.02");
        var options = new PlateauOptions { Factor = 0.5, Patience = 2, Pause = 1, Least = 0.02 };
        var optimizer = Optimizer();
        var plateau = new Plateau(optimizer, options);
        for (var i = 0; i < figures.Length; i++)
        {
            // As if every step were a training resumed.
            var state = plateau.State;
            optimizer = Optimizer();
            plateau = new(optimizer, options) { State = state };
            plateau.Step(figures[i]);
            Assert.Equal(expected[i], optimizer.Groups[0].LearningRate, 1e-15);
        }
    }

    // ReduceLROnPlateau's rule for accuracies: better is above best + threshold; three that are not, and the rate falls.
    [Fact]
    public void A_plateau_of_an_accuracy_looks_upwards()
    {
        var optimizer = Optimizer();
        var plateau = new Plateau(optimizer, new() { IsGreaterBetter = true, IsThresholdAbsolute = true, Threshold = 0.1, Patience = 2 });
        foreach (var (figure, rate) in new[] { (0.5, 0.1), (0.55, 0.1), (0.7, 0.1), (0.75, 0.1), (0.79, 0.1), (double.NaN, 0.01), (0.9, 0.01) })
        {
            plateau.Step(figure);
            Assert.Equal(rate, optimizer.Groups[0].LearningRate, 1e-15);
        }
    }

    private static Sgd Optimizer() => new([new Parameter(Tensor.Ones([1]))], new() { LearningRate = BaseRate, Momentum = 0.9 });
}
