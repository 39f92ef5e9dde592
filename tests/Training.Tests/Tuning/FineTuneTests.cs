using Anneal.Onnx;
using Anneal.Training.Tests.Gpu;
using Anneal.Training.Tuning;
using Anneal.Zoo;

namespace Anneal.Training.Tests.Tuning;

/// <summary>Training a small network from end to end, on pictures that are drawn here.</summary>
public sealed class FineTuneTests
{
    private static readonly FineTuneOptions Head = new() { Epochs = 6, BatchSize = 8, LearningRate = 0.05 };

    private static readonly FineTuneOptions Whole = Head with { Freeze = "none", LearningRate = 0.02 };

    public static TheoryData<string> Recipes => [.. Options.Keys];

    private static readonly Dictionary<string, FineTuneOptions> Options = new()
    {
        ["only the head"] = Head,
        ["the head, with augmentation"] = Head with { Augment = AugmentLevel.Basic, Epochs = 12 },
        ["the head, then everything"] = Whole,
        ["all but the first convolution"] = Whole with { Freeze = "conv1.*" },
        ["everything at once, by SGD along a cosine"] = Whole with { HeadEpochs = 0, Optimizer = OptimizerKind.Sgd, Schedule = ScheduleKind.Cosine, LearningRate = 0.05 },
        ["with averages, smoothing, clipping and balance"] = Whole with { EmaDecay = 0.8, LabelSmoothing = 0.05, ClipNorm = 1, BalanceClasses = true },
        ["in parts that make one step"] = Whole with { BatchSize = 4, Accumulate = 3 },
        ["mixed"] = Whole with { Mix = MixKind.Both, Epochs = 16 },
    };

    [Theory]
    [MemberData(nameof(Recipes))]
    public void The_classes_are_learned(string recipe)
    {
        using var folder = new TempFolder();
        var result = Tune(Options[recipe], folder);
        Assert.True(result.Metrics.Top1 >= 0.9, $"{recipe}: {result.Metrics.Top1}");
        Assert.Equal(result.Metrics.Top1, result.History.Max(report => report.Top1));
        Assert.Equal(result.BestEpoch, result.History.Last(report => report.IsBest).Epoch);
    }

    [Theory]
    [MemberData(nameof(Recipes))]
    public void A_training_that_is_stopped_anywhere_goes_on_to_the_same_bytes(string recipe)
    {
        using var folder = new TempFolder();
        var options = Options[recipe] with { Epochs = 3 };
        var straight = Bytes(Tune(options, folder));
        var stops = 0;
        foreach (var steps in new[] { 2, 5 })
        {
            using var stop = new CancellationTokenSource();
            var counted = options with { CheckpointFolder = folder["kept"], Resume = stops++ > 0, Progress = new StopAfter(steps, stop) };
            Assert.ThrowsAny<OperationCanceledException>(() => Tune(counted, folder, stop.Token));
        }
        Assert.Equal(straight, Bytes(Tune(options with { CheckpointFolder = folder["kept"], Resume = true }, folder)));
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_with_any_number_of_threads()
    {
        using var folder = new TempFolder();
        var before = Threads.Count;
        var files = new List<byte[]>();
        foreach (var threads in new[] { 1, 2, 3 })
        {
            Threads.Count = threads;
            files.Add(Bytes(Tune(Whole with { Epochs = 2 }, folder)));
        }
        Threads.Count = before;
        Assert.Equal(files[0], files[1]);
        Assert.Equal(files[0], files[2]);
        Assert.NotEqual(files[0], Bytes(Tune(Whole with { Epochs = 2, Seed = 1 }, folder)));
    }

    [Fact]
    [Trait("Category", "Gpu")]
    public void What_learns_on_a_device_learns_what_it_does_on_the_processor_and_goes_on_after_a_stop()
    {
        var device = DeviceRowTests.Require();
        using var folder = new TempFolder();
        var options = Whole with { Epochs = 2, EmaDecay = 0.5 };
        var there = options with { Device = device };
        var (expected, found) = (Tune(options, folder), Tune(there, folder));
        Assert.Equal(expected.History[^1].ValidationLoss, found.History[^1].ValidationLoss, 1e-3);
        using var stop = new CancellationTokenSource();
        var kept = there with { CheckpointFolder = folder["kept"], Progress = new StopAfter(9, stop) };
        Assert.ThrowsAny<OperationCanceledException>(() => Tune(kept, folder, stop.Token));
        Assert.Equal(Bytes(found), Bytes(Tune(kept with { Resume = true, Progress = null }, folder)));
    }

    [Fact]
    public void What_is_frozen_keeps_its_bytes_and_what_is_not_does_not()
    {
        using var folder = new TempFolder();
        var model = Tune(Whole with { Freeze = "conv1.*,bn.*", Epochs = 2 }, folder).Model;
        foreach (var value in Stripes.Pretrained.Model.Graph.Initializers.Where(value => value.Initializer!.DType == DType.Float32))
        {
            var tuned = model.Graph.Find(value.Name)!.Initializer!;
            var isKept = value.Name[..2] is "co" or "bn" && !value.Name.StartsWith("conv2", StringComparison.Ordinal);
            if (isKept || value.Name == "ratio")
                Assert.True(tuned.Bytes.Span.SequenceEqual(value.Initializer!.Bytes.Span), value.Name);
            else
                Assert.False(tuned.Bytes.Span.SequenceEqual(value.Initializer!.Bytes.Span), value.Name);
        }
    }

    [Fact]
    public void A_training_without_progress_ends_early_and_keeps_the_best_epoch()
    {
        using var folder = new TempFolder();
        var result = Tune(Head with { Epochs = 40, Patience = 2 }, folder);
        Assert.True(result.History.Count < 40);
        Assert.Equal(result.History.Count - 2, result.BestEpoch);
    }

    [Fact]
    public void Figures_of_every_step_and_epoch_are_written_for_TensorBoard()
    {
        using var folder = new TempFolder();
        _ = Tune(Head with { Epochs = 2, EventFolder = folder["events"] }, folder);
        var events = EventReader.Read(File.ReadAllBytes(Assert.Single(Directory.GetFiles(folder["events"]))));
        // The version; two figures for each of 2 × 12 steps; three for each epoch.
        Assert.Equal(1 + (2 * 24) + (3 * 2), events.Count);
    }

    [Theory]
    [InlineData("conv9.*", "conv9.*")]
    [InlineData("*", "new head")]
    public void A_pattern_that_makes_no_sense_is_refused(string freeze, string said)
    {
        using var folder = new TempFolder();
        var error = Assert.ThrowsAny<AnnealException>(() => Tune(Whole with { Freeze = freeze }, folder));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        using var folder = new TempFolder();
        (string Name, FineTuneOptions Options)[] cases =
        [
            (nameof(FineTuneOptions.Epochs), Head with { Epochs = 0 }), (nameof(FineTuneOptions.BatchSize), Head with { BatchSize = 0 }),
            (nameof(FineTuneOptions.LearningRate), Head with { LearningRate = -1 }), (nameof(FineTuneOptions.HeadEpochs), Head with { HeadEpochs = 99 }),
            (nameof(FineTuneOptions.LabelSmoothing), Head with { LabelSmoothing = 1 }), (nameof(FineTuneOptions.EmaDecay), Head with { EmaDecay = 1 }),
            (nameof(FineTuneOptions.Patience), Head with { Patience = 0 }), (nameof(FineTuneOptions.Resume), Head with { Resume = true }),
            (nameof(FineTuneOptions.BalanceClasses), Head with { BalanceClasses = true, ClassWeights = [1, 1, 1] }),
        ];
        foreach (var (name, options) in cases)
            Assert.Contains(name, Assert.Throws<AnnealException>(() => Tune(options, folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_training_is_refused()
    {
        using var folder = new TempFolder();
        var kept = Head with { Epochs = 1, CheckpointFolder = folder["kept"] };
        _ = Tune(kept, folder);
        Assert.Contains("another training", Assert.Throws<AnnealException>(() => Tune(kept with { Resume = true, Seed = 2 }, folder)).Message, StringComparison.Ordinal);
        Assert.Contains("holds the checkpoint", Assert.Throws<AnnealException>(() => Tune(kept, folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_go_by_the_names_of_their_classes()
    {
        using var folder = new TempFolder();
        _ = Stripes.Write(folder["train"], 6, "train");
        _ = Stripes.Write(folder["judge"], 3, "judge");
        Directory.Delete(folder["judge", "across"], recursive: true);
        var data = TuningData.FromFolders(folder["train"], folder["judge"]);
        Assert.Equal([1, 1, 1, 2, 2, 2], Enumerable.Range(0, data.Validation.Count).Select(index => data.Validation.LabelOf(index)!.Value));
        Assert.Equal(2, data.Validation[5].Label);
        Directory.Move(folder["judge", "plain"], folder["judge", "empty"]);
        Assert.Contains("empty", Assert.Throws<DataRefusedException>(() => TuningData.FromFolders(folder["train"], folder["judge"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_data_is_refused_with_every_fault_before_anything_is_learned()
    {
        using var folder = new TempFolder();
        _ = Stripes.Write(folder["train"], 4, "train");
        File.WriteAllText(folder["train", "down", "notes.jpg"], "no picture");
        File.Copy(folder["train", "plain", "002.bmp"], folder["train", "plain", "copy.bmp"]);
        _ = Stripes.Write(folder["judge"], 2, "judge");
        File.Copy(folder["train", "across", "000.bmp"], folder["judge", "across", "same.bmp"]);
        var data = TuningData.FromFolders(folder["train"], folder["judge"]);
        var error = Assert.Throws<DataRefusedException>(() => FineTune.Run(Stripes.Pretrained, data, Head with { FeatureFolder = folder["features"] }, TestContext.Current.CancellationToken));
        Assert.Contains(error.Faults, fault => fault.ToString().Contains("notes.jpg", StringComparison.Ordinal));
        Assert.Contains(error.Faults, fault => fault.ToString().Contains("same.bmp", StringComparison.Ordinal));
    }

    [Fact]
    public void A_saved_file_says_everything_about_itself_and_proves_it()
    {
        using var folder = new TempFolder();
        var result = Tune(Head with { Epochs = 2 }, folder);
        var report = result.Save(folder["tuned.onnx"], cancellation: TestContext.Current.CancellationToken);
        Assert.True(report.LargestDifference < 1e-5, $"{report.LargestDifference}");
        Assert.True(ModelVerifier.Verify(folder["tuned.onnx"], cancellation: TestContext.Current.CancellationToken).IsGood);
        var metadata = ModelMetadata.Read(OnnxFile.Load(folder["tuned.onnx"]), "tuned")!;
        Assert.Equal(Stripes.ClassNames, metadata.ClassNames);
        Assert.Equal(result.Metrics.Top1, metadata.Lineage!.Metrics["top1"]);
        using var classifier = new ModelZoo().Load(folder["tuned.onnx"]);
        File.WriteAllBytes(folder["one.bmp"], ColourBmp.Of(Stripes.Side, Stripes.Side, new byte[3 * Stripes.Side * Stripes.Side]));
        Assert.Contains(classifier.Classify(folder["one.bmp"])[0].Label, Stripes.ClassNames);
        Assert.Throws<AnnealException>(() => result.Save(folder["tuned.onnx"], cancellation: TestContext.Current.CancellationToken));
    }

    private static FineTuneResult Tune(FineTuneOptions options, TempFolder folder, CancellationToken? cancellation = null) =>
        FineTune.Run(Stripes.Pretrained, Stripes.Data, options with { FeatureFolder = folder["features"] }, cancellation ?? TestContext.Current.CancellationToken);

    private static byte[] Bytes(FineTuneResult result) => OnnxFile.ToBytes(result.Model);

    /// <summary>Stops a training after some steps.</summary>
    private sealed class StopAfter(int steps, CancellationTokenSource stop) : IProgress<TuningProgress>
    {
        private int _left = steps;

        public void Report(TuningProgress value)
        {
            if (value is { Stage: TuningStage.Head or TuningStage.Whole, Finished: null, Notice: null } && --_left == 0)
                stop.Cancel();
        }
    }
}
