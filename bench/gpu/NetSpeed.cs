using Anneal.Bench.Torch;
using Anneal.Onnx;
using Anneal.Training;
using Anneal.Training.Nn;
using Anneal.Training.Optim;

namespace Anneal.Bench.Gpu;

/// <summary>
/// The four nets: forward and backward at batch 16, as CS231n's lecture 8 compares processors with GPUs; whole steps of training, with cross entropy and SGD with
/// momentum; and use. The last two at the largest batch of a few that the memory takes.
/// </summary>
internal static class NetSpeed
{
    private const int LectureBatch = 16;

    private static readonly string[] Nets = ["alexnet", "vgg16", "resnet50", "resnet101"];
    private static readonly int[] Batches = [256, 128, 64, 32, 16, 8];

    public static void Run(Clock clock, bool isSmall)
    {
        foreach (var net in isSmall ? ["tiny"] : Nets)
        {
            MeasureBoth(clock, net, isSmall);
            MeasureLargest(clock, net, isSmall, "train", Train);
            MeasureLargest(clock, net, isSmall, "infer", Infer);
        }
    }

    /// <summary>The processor's side of the lecture's comparison.</summary>
    public static void RunOnProcessor(bool isSmall)
    {
        var clock = new Clock(Device.Cpu, isSmall);
        foreach (var net in isSmall ? ["tiny"] : Nets)
            MeasureBoth(clock, net, isSmall);
    }

    private static void MeasureBoth(Clock clock, string name, bool isSmall)
    {
        var batch = isSmall ? 2 : LectureBatch;
        var (net, x, labels) = Make(clock, name, batch, isSmall);
        clock.MeasureBatch($"forward and backward {name}", batch, () =>
        {
            using var scope = TensorScope.Begin();
            Loss.CrossEntropy(net.Forward(x), labels).Backward();
            net.ZeroGrad();
        });
        GiveBack(clock);
    }

    private static void MeasureLargest(Clock clock, string name, bool isSmall, string what, Func<Net, Tensor, Tensor, Action> stepOf)
    {
        foreach (var batch in isSmall ? [4, 2] : Batches)
            if (TryMeasure(clock, name, isSmall, what, batch, stepOf))
                return;
    }

    private static bool TryMeasure(Clock clock, string name, bool isSmall, string what, int batch, Func<Net, Tensor, Tensor, Action> stepOf)
    {
        try
        {
            var (net, x, labels) = Make(clock, name, batch, isSmall);
            clock.MeasureBatch($"{what} {name}", batch, stepOf(net, x, labels));
            return true;
        }
        catch (AnnealException e) when (e.Message.Contains("no memory left", StringComparison.Ordinal))
        {
            Console.Error.WriteLine($"{what} {name}: batch {batch} does not fit.");
            return false;
        }
        finally
        {
            GiveBack(clock);
        }
    }

    private static Action Train(Net net, Tensor x, Tensor labels)
    {
        var optimizer = new Sgd(net.Parameters(), new() { LearningRate = 1e-3, Momentum = 0.9 });
        return () =>
        {
            using var scope = TensorScope.Begin();
            optimizer.ZeroGrad();
            Loss.CrossEntropy(net.Forward(x), labels).Backward();
            optimizer.Step();
        };
    }

    private static Action Infer(Net net, Tensor x, Tensor labels)
    {
        net.Eval();
        return () =>
        {
            using var off = Grad.Off();
            net.Forward(x);
        };
    }

    private static (Net Net, Tensor X, Tensor Labels) Make(Clock clock, string name, int batch, bool isSmall)
    {
        var (random, extent) = (new Random(2), isSmall ? 32 : 224);
        var net = Net.Create(name);
        net.To(clock.Device);
        var elements = new float[batch * 3 * extent * extent];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = (random.NextSingle() * 2) - 1;
        var labels = Enumerable.Range(0, batch).Select(_ => random.NextInt64(1000)).ToArray();
        return (net, Tensor.From(elements, [batch, 3, extent, extent], clock.Device).Keep(), Tensor.From(labels, [batch], clock.Device).Keep());
    }

    /// <summary>What the last net held goes back, so that the next one finds room.</summary>
    private static void GiveBack(Clock clock)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        TensorMemory.Trim(clock.Device);
    }
}
