using Anneal.Onnx;
using Anneal.Training.Data;
using Anneal.Training.Devices;
using Anneal.Training.Nn;
using Anneal.Training.Optim;

namespace Anneal.Training.Tests.Gpu;

/// <summary>Training on a device beside training on the processor: the same network, the same draws, the same recipe.</summary>
[Trait("Category", "Gpu"), Collection("One device")]
public sealed class DeviceTrainingTests
{
    private const int Steps = 5;

    private static readonly Dictionary<string, Func<IEnumerable<Parameter>, Optimizer>> Optimizers = new(StringComparer.Ordinal)
    {
        ["sgd"] = parameters => new Sgd(parameters, new() { LearningRate = 0.05, WeightDecay = 1e-3 }),
        ["sgd with momentum"] = parameters => new Sgd(parameters, new() { LearningRate = 0.05, Momentum = 0.9, Dampening = 0.1 }),
        ["sgd by Nesterov"] = parameters => new Sgd(parameters, new() { LearningRate = 0.05, Momentum = 0.9, Nesterov = true }),
        ["adam"] = parameters => new Adam(parameters, new() { LearningRate = 1e-2, Epsilon = 1e-4 }),
        ["adamw"] = parameters => new AdamW(parameters, new() { LearningRate = 1e-2, Epsilon = 1e-4 }),
        ["rmsprop, centred, with momentum"] = parameters => new RmsProp(parameters, new() { LearningRate = 1e-3, Momentum = 0.9, Centered = true, Epsilon = 1e-3 }),
        ["adagrad"] = parameters => new Adagrad(parameters, new() { LearningRate = 1e-2, LearningRateDecay = 0.1, Epsilon = 1e-3 }),
    };

    public static TheoryData<string> Names => [.. Optimizers.Keys];

    /// <summary>Every optimiser, in its forms.</summary>
    internal static IEnumerable<Optimizer> Each(Parameter[] parameters) => Optimizers.Values.Select(make => make(parameters));

    [Theory, MemberData(nameof(Names))]
    public void A_net_with_normalisation_and_dropout_trains_as_on_the_processor(string name)
    {
        var device = DeviceRowTests.Require();
        var (expected, found) = (Train(name, Device.Cpu), Train(name, device));
        for (var step = 0; step < Steps; step++)
            Assert.InRange(Math.Abs(expected.Losses[step] - found.Losses[step]), 0, 1e-4 * Math.Abs(expected.Losses[step]));
        Assert.True(expected.Losses[^1] < expected.Losses[0]);
        foreach (var (key, tensor) in expected.State)
            Assert.InRange(Compare.Relative(tensor.To(DType.Double), found.State[key].To(DType.Double)), 0, 1e-3);
        Assert.Equal(found.Allocations[1], found.Allocations[^1]);
    }

    [Fact]
    public void What_is_remembered_of_parameters_is_saved_goes_on_and_follows_them_to_another_device()
    {
        var device = DeviceRowTests.Require();
        var (net, other) = (Net(), Net());
        net.To(device);
        Optimizer optimizer = Optimizers["adam"](net.Parameters()), heir = Optimizers["adam"](other.Parameters());
        Step(net, optimizer, device);
        // Both have drawn as often for their dropout then.
        Step(other, heir, Device.Cpu);
        other.SetState(net.GetState());
        heir.Load(optimizer.State());
        Assert.All(optimizer.State(), tensor => Assert.Equal(tensor.DType == DType.Int64 ? Device.Cpu : device, tensor.Device));
        Assert.All(heir.State(), tensor => Assert.Equal(Device.Cpu, tensor.Device));
        other.To(device);
        Step(net, optimizer, device);
        Step(other, heir, device);
        Assert.All(heir.State(), tensor => Assert.Equal(tensor.DType == DType.Int64 ? Device.Cpu : device, tensor.Device));
        foreach (var (left, right) in net.Parameters().Zip(other.Parameters()))
            Assert.Equal(left.ToArray<float>(), right.ToArray<float>());
    }

    [Fact]
    public void Averages_follow_their_tensors_are_applied_and_go_back()
    {
        var device = DeviceRowTests.Require();
        var (here, there) = (new Parameter(Draw(1, [3, 5])), new Parameter(Draw(1, [3, 5])));
        var (expected, found) = (new Ema([here], 0.8), new Ema([there], 0.8));
        there.SendTo(ComputeDevice.Find(device));
        for (var seed = 2; seed < 5; seed++)
        {
            here.Assign(Draw(seed, [3, 5]));
            there.Assign(Draw(seed, [3, 5]));
            expected.Update();
            found.Update();
        }
        var before = there.ToArray<float>();
        using (expected.Apply())
        using (found.Apply())
            Assert.InRange(Compare.Relative(here.Detach(), there.To(Device.Cpu)), 0, 1e-6);
        Assert.Equal(before, there.ToArray<float>());
        Assert.Equal(device, Assert.Single(found.State()).Device);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3.5)]
    [InlineData(double.PositiveInfinity)]
    public void Gradients_have_the_norm_that_they_have_on_the_processor(double order)
    {
        var device = DeviceRowTests.Require();
        double Norm(Device where)
        {
            Parameter[] parameters = [.. new[] { 40_000, 7, 16_384 }.Select((count, i) => new Parameter(Draw(i, [count])))];
            foreach (var parameter in parameters)
                parameter.SendTo(ComputeDevice.Find(where));
            foreach (var parameter in parameters)
                (parameter * parameter).Sum().Backward();
            var norm = parameters.ClipGradNorm(0.5, order);
            Assert.Equal(0.5, parameters.ClipGradNorm(1, order), 1e-4);
            return norm;
        }
        var expected = Norm(Device.Cpu);
        Assert.InRange(Math.Abs(Norm(device) - expected), 0, 1e-5 * expected);
    }

    [Fact]
    public void A_gradient_that_is_no_number_is_found_and_named()
    {
        var device = DeviceRowTests.Require();
        var parameter = new Parameter(Tensor.From(1f, float.NaN, 2)) { Name = "broken" };
        parameter.SendTo(ComputeDevice.Find(device));
        (parameter * parameter).Sum().Backward();
        Assert.Contains("'broken'", Assert.Throws<AnnealException>(() => new[] { parameter }.ClipGradNorm(1)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(1023)]
    [InlineData(70_001)]
    public void Dropout_drops_the_same_elements_to_the_bit(int count)
    {
        var device = DeviceRowTests.Require();
        using var scope = Grad.Off();
        var (x, op) = (Draw(1, [count]), new Ops.KeyedDropout(0.3, new Draws(7).For("dropout").Key));
        var (expected, found) = (Tensor.ApplyAll(op, 2, x), Tensor.ApplyAll(op, 2, x.To(device)));
        Assert.Equal(expected[0].ToArray<float>(), found[0].ToArray<float>());
        Assert.Equal(expected[1].ToArray<bool>(), found[1].ToArray<bool>());
    }

    [Theory]
    [InlineData(4, 3, 70)]
    [InlineData(2, 1500, 3)]
    [InlineData(33, 5, 1)]
    public void Normalisation_by_the_batch_is_that_of_the_processor_in_all_its_parts(int images, int channels, int extent)
    {
        var device = DeviceRowTests.Require();
        Tensor[] Run(Device where)
        {
            using var scope = TensorScope.Begin();
            // Far from 0, where squares that are not taken about the mean would cancel.
            Tensor[] leaves = [(Draw(1, [images, channels, extent, extent]) + 100).To(where), Draw(2, [channels]).To(where), Draw(3, [channels]).To(where)];
            foreach (var leaf in leaves)
                leaf.RequiresGrad = true;
            var y = Tensor.ApplyAll(new Ops.BatchNorm(1e-5f), 3, leaves);
            var loss = (y[0] * Draw(4, y[0].Shape).To(where)).Sum() + (y[1] * Draw(5, [channels]).To(where)).Sum() + (y[2] * Draw(6, [channels]).To(where)).Sum();
            Tensor[] values = [.. y.Select(tensor => tensor.To(Device.Cpu).Detach().Keep())];
            loss.Backward();
            return [.. values, .. leaves.Select(leaf => leaf.Grad!.To(Device.Cpu).Keep())];
        }
        foreach (var (expected, found) in Run(Device.Cpu).Zip(Run(device)))
            Assert.InRange(Compare.Relative(expected, found), 0, 2e-5);
    }

    [Fact]
    public void A_loader_gives_batches_where_they_are_wanted()
    {
        var device = DeviceRowTests.Require();
        var encoder = SampleEncoder.From<int>([2], (sample, slot) =>
        {
            (slot[0], slot[1]) = (sample, -sample);
            return sample % 3;
        });
        var loader = new DataLoader<int>(Dataset.From([1, 2, 3, 4, 5]), encoder, new() { BatchSize = 2, Device = device });
        using var scope = TensorScope.Begin();
        Batch? last = null;
        foreach (var batch in loader.Epoch(0, cancellation: TestContext.Current.CancellationToken))
            last = batch.Keep();
        Assert.Equal((device, device), (last!.Inputs.Device, last.Labels.Device));
        Assert.Equal([5f, -5], last.Inputs.ToArray<float>());
        Assert.Equal([2L], last.Labels.ToArray<long>());
        Assert.Throws<DeviceUnavailableException>(() => new DataLoader<int>(loader.Dataset, encoder, new() { Device = Device.OpenCl(63) }));
    }

    [Fact]
    public void What_only_the_processor_does_in_double_is_refused_by_name()
    {
        var device = DeviceRowTests.Require();
        var net = Net();
        net.To(DType.Double);
        net.To(device);
        var x = Draw(1, [2, 3, 8, 8]).To(DType.Double).To(device);
        Assert.Contains($"Conv takes float32 on {device}; a tensor Double", Assert.Throws<DeviceUnavailableException>(() => net.Forward(x)).Message, StringComparison.Ordinal);
        var parameter = net.Parameters().First();
        parameter.Grad = parameter.Detach();
        foreach (var refused in new Action[] { () => new Sgd([parameter], new()).Step(), () => new[] { parameter }.ClipGradNorm(1) })
            Assert.Contains($"float32", Assert.Throws<DeviceUnavailableException>(refused).Message, StringComparison.Ordinal);
    }

    /// <summary>Convolutions, normalisation, dropout and a linear layer; the same weights and draws each time.</summary>
    private static Sequential Net()
    {
        var generator = new Generator(11);
        return new Sequential(
            new Conv2d(3, 8, 3, padding: 1, bias: false, generator: generator), new BatchNorm2d(8), new Relu(), new MaxPool2d(2),
            new Conv2d(8, 16, 3, padding: 1, generator: generator), new BatchNorm2d(16), new Relu(), new Dropout(0.3, generator),
            new Flatten(), new Linear(16 * 16, 5, generator: generator));
    }

    private static (double[] Losses, IReadOnlyDictionary<string, Tensor> State, long[] Allocations) Train(string name, Device device)
    {
        var net = Net();
        net.To(device);
        var optimizer = Optimizers[name](net.Parameters());
        var (losses, allocations) = (new double[Steps], new long[Steps]);
        for (var step = 0; step < Steps; step++)
        {
            losses[step] = Step(net, optimizer, device);
            allocations[step] = ComputeDevice.Find(device).Pool.Allocations;
        }
        return (losses, net.GetState(), allocations);
    }

    private static double Step(Module net, Optimizer optimizer, Device device)
    {
        using var scope = TensorScope.Begin();
        optimizer.ZeroGrad();
        var loss = Loss.CrossEntropy(net.Forward(Draw(5, [8, 3, 8, 8]).To(device)), Tensor.From([0L, 1, 2, 3, 4, 0, 1, 2], [8], device));
        loss.Backward();
        optimizer.Parameters.ClipGradNorm(1);
        optimizer.Step();
        return loss.Item();
    }

    private static Tensor Draw(int seed, TensorShape shape) => new Generator((ulong)seed).Normal(shape);
}
