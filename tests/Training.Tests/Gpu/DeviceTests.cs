using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Devices;

namespace Anneal.Training.Tests.Gpu;

/// <summary>Tensors on a device: moved, read, refused; products and convolutions of real sizes; and a training step.</summary>
[Trait("Category", "Gpu"), Collection("One device")]
public sealed class DeviceTests
{
    [Fact]
    public void A_tensor_that_is_moved_has_the_same_elements_and_sends_its_gradient_back()
    {
        var device = DeviceRowTests.Require();
        using var scope = TensorScope.Begin();
        var x = Tensor.From([1f, 2, 3]);
        x.RequiresGrad = true;
        var there = x.To(device);
        Assert.Equal(device, there.Device);
        Assert.Equal([1f, 2, 3], there.ToArray<float>());
        (there * there).Sum().Backward();
        Assert.Equal(Device.Cpu, x.Grad!.Device);
        Assert.Equal([2f, 4, 6], x.Grad.ToArray<float>());
    }

    [Fact]
    public void Numbers_are_filled_in_and_read_on_the_device()
    {
        var device = DeviceRowTests.Require();
        using var scope = TensorScope.Begin();
        Assert.Equal([1.5f, 1.5f], Tensor.Full([2], 1.5, device: device).ToArray<float>());
        Assert.Equal([0L, 0, 0], Tensor.Zeros([3], DType.Int64, device).ToArray<long>());
        Assert.Equal(7, Tensor.Full([], 7, DType.Int32, device).Item());
        Assert.Equal([true, true], Tensor.Ones([2], DType.Bool, device).ToArray<bool>());
        var parameter = new Parameter(Tensor.From([1f, 2], [2], device));
        parameter.Assign(Tensor.From(3f, 4));
        Assert.Equal([3f, 4], parameter.ToArray<float>());
    }

    [Fact]
    public void What_a_device_cannot_do_is_refused_by_name()
    {
        var device = DeviceRowTests.Require();
        using var scope = TensorScope.Begin();
        var there = Tensor.From([1f, 2, 3], [3], device);
        Assert.Contains("ToArray", Assert.Throws<DeviceUnavailableException>(() => there.AsSpan<float>().Length).Message, StringComparison.Ordinal);
        Assert.Contains($"a tensor Float32 [3] on cpu and a tensor Float32 [3] on {device}", Assert.Throws<DeviceUnavailableException>(() => Tensor.From(1f, 2, 3) + there).Message, StringComparison.Ordinal);
        Assert.Contains($"BitwiseNot cannot be computed on {device}", Assert.Throws<DeviceUnavailableException>(() => Tensor.Apply(new Elementwise("BitwiseNot"), there.To(DType.Int64))).Message, StringComparison.Ordinal);
        Assert.Contains("Exp takes float32", Assert.Throws<DeviceUnavailableException>(() => there.To(DType.Double).Exp()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_is_missing_is_refused_with_what_is_missing()
    {
        var error = Assert.Throws<DeviceUnavailableException>(() => Tensor.Zeros([1], device: Device.Cuda(99)));
        Assert.Contains("cuda:99", error.Message, StringComparison.Ordinal);
        Assert.Matches("ANNEAL_CUDA_LIBRARY|nvidia-smi", error.Message);
    }

    [Theory]
    [InlineData(1, 200, 300, 150)]
    [InlineData(3, 65, 63, 17)]
    [InlineData(1, 20, 30, 5000)]
    public void A_product_of_real_size_is_that_of_the_processor(int batches, int m, int n, int k)
    {
        var device = DeviceRowTests.Require();
        using var scope = Grad.Off();
        var (a, b) = (Draw([batches, m, k], 1), Draw([batches, k, n], 2));
        Assert.InRange(Compare.Relative(a.MatMul(b), a.To(device).MatMul(b.To(device)).To(Device.Cpu)), 0, 1e-5);
    }

    [Theory]
    [InlineData(2, 24, 40, 17, 3, 1, 1)]
    [InlineData(2, 16, 32, 18, 3, 2, 1)]
    [InlineData(2, 32, 64, 9, 1, 1, 1)]
    [InlineData(1, 32, 32, 14, 5, 1, 32)]
    [InlineData(2, 64, 64, 10, 3, 1, 2)]
    public void A_convolution_of_real_size_and_its_gradients_are_those_of_the_processor(int n, int c, int m, int extent, int kernel, int stride, int groups)
    {
        var device = DeviceRowTests.Require();
        using var scope = TensorScope.Begin();
        var conv = new Conv { Group = groups, Window = new() { Strides = [stride, stride], Pads = [kernel / 2, kernel / 2, kernel / 2, kernel / 2] } };
        Tensor[] Run(Device where)
        {
            var (x, w) = (Draw([n, c, extent, extent], 1).To(where), Draw([m, c / groups, kernel, kernel], 2).To(where));
            (x.RequiresGrad, w.RequiresGrad) = (true, true);
            var y = Tensor.Apply(conv, x, w);
            var value = y.To(Device.Cpu).Detach().Keep();
            y.Backward(Draw(y.Shape, 3).To(where));
            return [value, x.Grad!.To(Device.Cpu), w.Grad!.To(Device.Cpu)];
        }
        foreach (var (expected, found) in Run(Device.Cpu).Zip(Run(device)))
            Assert.InRange(Compare.Relative(expected, found), 0, 1e-5);
    }

    [Fact]
    public void A_small_net_trains_as_on_the_processor_and_takes_no_more_memory_after_its_first_steps()
    {
        var device = DeviceRowTests.Require();
        var (losses, weights, _) = Train(Device.Cpu, 5);
        var (found, foundWeights, allocations) = Train(device, 5);
        for (var step = 0; step < losses.Length; step++)
            Assert.InRange(Math.Abs(losses[step] - found[step]), 0, 1e-4 * Math.Abs(losses[step]));
        Assert.True(losses[^1] < losses[0]);
        for (var i = 0; i < weights.Length; i++)
            Assert.InRange(Compare.Relative(Tensor.From(weights[i]), Tensor.From(foundWeights[i])), 0, 1e-3);
        Assert.Equal(allocations[2], allocations[^1]);
    }

    /// <summary>Convolution, batch normalisation, pooling, a linear layer, cross entropy, and steps down the gradient.</summary>
    private static (double[] Losses, float[][] Weights, long[] Allocations) Train(Device device, int steps)
    {
        const int n = 8, classes = 5;
        var initial = new (int[] Shape, double Scale)[] { ([8, 3, 3, 3], 0.3), ([16, 8, 3, 3], 0.2), ([16], 1), ([16], 0.1), ([16, classes], 0.3), ([classes], 0.1) };
        Parameter[] parameters = [.. initial.Select((p, i) => new Parameter((Draw(TensorShape.Of(p.Shape), i + 10) * p.Scale).To(device)))];
        var pads = new Window { Pads = [1, 1, 1, 1] };
        var (losses, allocations) = (new double[steps], new long[steps]);
        for (var step = 0; step < steps; step++)
        {
            using var scope = TensorScope.Begin();
            var x = Draw([n, 3, 12, 12], 1).To(device);
            var labels = Tensor.From([.. Enumerable.Range(0, n).Select(i => (long)(i % classes))], [n], device);
            x = Tensor.Apply(new Conv { Window = pads }, x, parameters[0]).Relu();
            x = Tensor.Apply(new MaxPool { Window = new() { KernelShape = [2, 2], Strides = [2, 2] } }, x);
            x = Tensor.Apply(new Conv { Window = pads }, x, parameters[1]);
            var (mean, variance) = (Tensor.Zeros([16], device: device), Tensor.Ones([16], device: device));
            x = Tensor.Apply(new BatchNormalization { TrainingMode = true }, x, parameters[2], parameters[3], mean, variance).Relu();
            x = Tensor.Apply(new GlobalAveragePool(), x).Flatten();
            var loss = Tensor.Apply(new SoftmaxCrossEntropyLoss(), x.MatMul(parameters[4]) + parameters[5], labels);
            loss.Backward();
            losses[step] = loss.Item();
            using (Grad.Off())
                foreach (var parameter in parameters)
                    parameter.Assign(parameter.Detach() - (parameter.Grad! * 0.2));
            foreach (var parameter in parameters)
                parameter.ZeroGrad();
            allocations[step] = ComputeDevice.Find(device).Pool.Allocations;
        }
        return (losses, [.. parameters.Select(parameter => parameter.ToArray<float>())], allocations);
    }

    private static Tensor Draw(TensorShape shape, int seed)
    {
        var random = new Random(seed);
        var elements = new float[shape.ElementCount];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = (float)((random.NextDouble() * 2) - 1);
        return Tensor.From(elements, shape);
    }
}
