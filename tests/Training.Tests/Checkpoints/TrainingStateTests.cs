using Anneal.Onnx;
using Anneal.Training.Checkpoints;
using Anneal.Training.Nn;
using Anneal.Training.Optim;

namespace Anneal.Training.Tests.Checkpoints;

public sealed class TrainingStateTests
{
    private const int Steps = 10;

    public static TheoryData<string> Recipes => new("Sgd", "AdamW", "RmsProp", "Adagrad");

    [Theory]
    [MemberData(nameof(Recipes))]
    public void A_training_that_goes_on_from_a_file_ends_with_the_same_bytes(string recipe)
    {
        using var folder = new TempFolder();
        var straight = new Trial(recipe);
        straight.Train(0, Steps);

        var first = new Trial(recipe);
        first.Train(0, Steps / 2);
        first.State.Capture(new Dictionary<string, string> { ["step"] = "5" }).Save(folder["half"]);
        var second = new Trial(recipe);
        var half = Checkpoint.Load(folder["half"]);
        Assert.Equal("5", half.Metadata["step"]);
        second.State.Restore(half);
        second.Train(Steps / 2, Steps);

        straight.State.Capture().Save(folder["straight"]);
        second.State.Capture().Save(folder["resumed"]);
        Assert.Equal(File.ReadAllBytes(folder["straight"]), File.ReadAllBytes(folder["resumed"]));
        Assert.NotEqual(File.ReadAllBytes(folder["straight"]), File.ReadAllBytes(folder["half"]));
    }

    [Fact]
    public void Tensors_are_named_as_the_network_names_them()
    {
        var trial = new Trial("Sgd");
        trial.Train(0, 1);
        var names = trial.State.Capture().Tensors.Keys.ToArray();
        Assert.Contains("model.0.weight", names);
        Assert.Contains("model.1.running_mean", names);
        Assert.Contains("optimizer.0.weight.momentum", names);
        Assert.Contains("optimizer.4.bias.steps", names);
        Assert.Contains("ema.4.weight", names);
    }

    [Fact]
    public void A_captured_state_does_not_change_as_training_goes_on()
    {
        var trial = new Trial("AdamW");
        trial.Train(0, 2);
        var captured = trial.State.Capture();
        var before = captured.Tensors.ToDictionary(named => named.Key, named => named.Value.Bytes.ToArray());
        trial.Train(2, 4);
        Assert.All(captured.Tensors, named => Assert.Equal(before[named.Key], named.Value.Bytes.ToArray()));
    }

    [Theory]
    [InlineData("AdamW", 10, 0.9, 1e-2, "optimiser is Sgd, and AdamW here")]
    [InlineData("Sgd", 12, 0.9, 1e-2, "another schedule or other options: at step 3 group 0 had rate")]
    [InlineData("Sgd", 10, 0.8, 1e-2, "decay of averages is 0.9, and 0.8 here")]
    [InlineData("Sgd", 10, 0.9, 2e-2, "another schedule or other options: at step 3 group 0 had rate")]
    public void A_checkpoint_of_another_training_is_refused_and_changes_nothing(string recipe, int steps, double decay, double rate, string reason)
    {
        var made = new Trial("Sgd");
        made.Train(0, 3);
        var other = new Trial(recipe, steps, decay, rate);
        other.Train(0, 1);
        var before = other.State.Capture();
        var refused = Assert.Throws<AnnealException>(() => other.State.Restore(made.State.Capture()));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        var after = other.State.Capture();
        Assert.Equal(before.Metadata, after.Metadata);
        Assert.All(before.Tensors, named => Assert.Equal(named.Value.Bytes.ToArray(), after.Tensors[named.Key].Bytes.ToArray()));
    }

    [Theory]
    [InlineData("""{"groups":[]}""")]
    [InlineData("""{"optimizer":"Sgd","groups":null,"schedule":3,"plateau":null,"ema":null,"seed":1,"draws":0}""")]
    [InlineData("""{"optimizer":"Sgd","groups":[],"schedule":-3,"plateau":null,"ema":null,"seed":1,"draws":0}""")]
    [InlineData("""{"optimizer":"Sgd","groups":[],"schedule":3,"plateau":null,"ema":null,"seed":-1,"draws":0}""")]
    [InlineData("null")]
    [InlineData("nonsense")]
    public void Numbers_that_cannot_be_read_are_refused(string json)
    {
        var trial = new Trial("Sgd");
        var state = trial.State.Capture();
        var spoilt = state with { Metadata = new Dictionary<string, string> { [TrainingState.FactsName] = json } };
        Assert.Throws<InvalidCheckpointException>(() => trial.State.Restore(spoilt));
        Assert.Throws<InvalidCheckpointException>(() => trial.State.Restore(state with { Metadata = new Dictionary<string, string>() }));
    }

    [Fact]
    public void A_plateau_goes_on_where_it_was()
    {
        var (net, other) = (Net(new(3)), Net(new(3)));
        var (first, second) = (new Sgd(net.Parameters(), new() { LearningRate = 0.1 }), new Sgd(other.Parameters(), new() { LearningRate = 0.1 }));
        var (falling, resumed) = (new Plateau(first, new() { Patience = 0 }), new Plateau(second, new() { Patience = 0 }));
        var untouched = new TrainingState(net) { Optimizer = first, Plateau = falling }.Capture();
        falling.Step(1);
        falling.Step(2);
        var captured = new TrainingState(net) { Optimizer = first, Plateau = falling }.Capture();
        new TrainingState(other) { Optimizer = second, Plateau = resumed }.Restore(captured);
        Assert.Equal(falling.State.LearningRates, resumed.State.LearningRates);
        Assert.Equal((falling.State.Best, falling.State.BadSteps), (resumed.State.Best, resumed.State.BadSteps));
        new TrainingState(other) { Optimizer = second, Plateau = resumed }.Restore(untouched);
        Assert.Equal((double.PositiveInfinity, 0.1), (resumed.State.Best, second.Groups[0].LearningRate));
    }

    private static Sequential Net(Generator generator) => new(
        new Linear(6, 16, generator: generator), new BatchNorm1d(16), new Relu(), new Dropout(0.3, generator), new Linear(16, 3, generator: generator));

    /// <summary>A small training with everything that has a state.</summary>
    private sealed class Trial
    {
        private readonly Sequential _net;
        private readonly Optimizer _optimizer;
        private readonly Scheduler _scheduler;
        private readonly Ema _ema;

        public Trial(string recipe, int steps = Steps, double decay = 0.9, double rate = 1e-2)
        {
            var generator = new Generator(11);
            _net = Net(generator);
            ParameterGroup[] groups = [new(_net[0].Parameters()) { LearningRate = rate }, new(_net[1].Parameters().Concat(_net[4].Parameters()))];
            _optimizer = recipe switch
            {
                "Sgd" => new Sgd(groups, new() { LearningRate = 0.1, Momentum = 0.9, WeightDecay = 1e-3 }),
                "AdamW" => new AdamW(groups, new() { LearningRate = 0.01 }),
                "RmsProp" => new RmsProp(groups, new() { LearningRate = 0.01, Momentum = 0.5, Centered = true }),
                _ => new Adagrad(groups, new() { LearningRate = 0.01 }),
            };
            Schedule schedule = recipe == "Adagrad" ? new Cosine(steps) : new OneCycle(steps + 1) { CyclesMomentum = recipe is not "Adagrad" };
            _scheduler = new(_optimizer, schedule);
            _ema = new(_net.Parameters().Concat<MutableTensor>(_net.Buffers()), decay);
            State = new(_net) { Optimizer = _optimizer, Scheduler = _scheduler, Ema = _ema, Generator = generator };
        }

        public TrainingState State { get; }

        public void Train(int from, int to)
        {
            for (var step = from; step < to; step++)
            {
                using var scope = TensorScope.Begin();
                var draws = new Draws(5).At(step);
                var x = Tensor.From([.. Enumerable.Range(0, 8 * 6).Select(i => (float)draws.Normal(i))], [8, 6]);
                var labels = Tensor.From([.. Enumerable.Range(0, 8).Select(i => (long)draws.Below(3, 100 + i))], [8]);
                _optimizer.ZeroGrad();
                Loss.CrossEntropy(_net.Forward(x), labels).Backward();
                _optimizer.Step();
                _scheduler.Step();
                _ema.Update();
            }
        }
    }
}
