using System.Diagnostics;

namespace Anneal.Bench.Torch;

/// <summary>
/// Our eager engine beside libtorch on the same cores, taking turns: matrix products, convolutions forward and backward, and whole training steps.
/// <c>compare-torch [--peer PATH] [--quick] [--only WORD] [--out PATH]</c>; the peer's path may come from <c>$ANNEAL_TORCH_PEER</c> too. Writes PATH.md
/// and PATH.json.
/// </summary>
internal static class CompareTorch
{
    private static readonly string[] Nets = ["alexnet", "vgg16", "resnet50", "resnet101"];

    private static readonly (string Name, ConvShape Shape)[] Convolutions =
    [
        ("ResNet stem", new(8, 3, 224, 224, 64, 7, 2, 3)),
        ("ResNet 64×56² 3×3", new(8, 64, 56, 56, 64, 3, 1, 1)),
        ("ResNet 64×56² to 256, 1×1", new(8, 64, 56, 56, 256, 1, 1, 0)),
        ("ResNet 128×56² 3×3 stride 2", new(8, 128, 56, 56, 128, 3, 2, 1)),
        ("ResNet 256×56² to 512, 1×1 stride 2", new(8, 256, 56, 56, 512, 1, 2, 0)),
        ("ResNet 128×28² 3×3", new(8, 128, 28, 28, 128, 3, 1, 1)),
        ("ResNet 256×14² to 1024, 1×1", new(8, 256, 14, 14, 1024, 1, 1, 0)),
        ("ResNet 512×7² 3×3", new(8, 512, 7, 7, 512, 3, 1, 1)),
        ("VGG 512×28² 3×3", new(8, 512, 28, 28, 512, 3, 1, 1)),
        ("AlexNet 64×27² to 192, 5×5", new(8, 64, 27, 27, 192, 5, 1, 2)),
    ];

    public static int Run(string[] args)
    {
        var options = CompareOptions.Parse(args);
        using var peer = new TorchPeer(options.Peer);
        var table = new RatioTable();
        if (options.Wants("gemm"))
            CompareGemm(peer, options, table);
        if (options.Wants("conv"))
            CompareConvolutions(peer, options, table);
        if (options.Wants("train"))
            CompareTraining(peer, options, table);
        if (options.Wants("frozen"))
            CompareFrozen(peer, options, table);
        table.Write(options);
        return 0;
    }

    private static void CompareGemm(TorchPeer peer, CompareOptions options, RatioTable table)
    {
        foreach (var n in new[] { 512, 1024, 2048, 4096 })
        {
            var iterations = n < 2048 ? 5 : 1;
            var pairs = n < 4096 ? options.ShortPairs : options.LongPairs;
            table.Add($"GEMM {n}", pairs, () => peer.Ask($"gemm {n} {n} {n} {iterations}", "ms"), () => OurWork.Gemm(n, n, n, iterations));
        }
    }

    /// <summary>One request measures both directions, so pairs are taken once and split.</summary>
    private static void CompareConvolutions(TorchPeer peer, CompareOptions options, RatioTable table)
    {
        foreach (var (name, s) in Convolutions)
        {
            var (theirs, ours) = (new List<double>(), new List<double>());
            table.Add($"{name}, forward", options.ShortPairs,
                () =>
                {
                    var answer = peer.Ask($"conv {s.N} {s.C} {s.H} {s.W} {s.M} {s.K} {s.Stride} {s.Pad} 3");
                    theirs.Add(answer.GetProperty("backward_ms").GetDouble());
                    return answer.GetProperty("forward_ms").GetDouble();
                },
                () =>
                {
                    var (forward, backward) = OurWork.Conv(s, 3);
                    ours.Add(backward);
                    return forward;
                });
            table.Add($"{name}, backward", theirs.Zip(ours));
        }
    }

    private static void CompareTraining(TorchPeer peer, CompareOptions options, RatioTable table)
    {
        foreach (var net in Nets.Where(options.WantsNet))
        {
            var loop = new TrainingLoop(net, batch: 8);
            loop.Step();
            loop.Step();
            table.Add($"training step, {net}, batch 8", options.LongPairs, () => peer.Ask($"train {net} 8 1", "ms"), () =>
            {
                var start = Stopwatch.GetTimestamp();
                loop.Step();
                return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            });
        }
    }

    private static void CompareFrozen(TorchPeer peer, CompareOptions options, RatioTable table)
    {
        foreach (var layers in new[] { 50, 101 })
        {
            using var step = new FrozenStep(layers, batch: 16);
            step.Step();
            step.Step();
            table.Add($"frozen step, resnet{layers}, batch 16", options.LongPairs, () => peer.Ask($"frozen resnet{layers} 16 1", "ms"), () =>
            {
                var start = Stopwatch.GetTimestamp();
                step.Step();
                return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            });
        }
    }
}
