using System.Diagnostics;
using Anneal.Onnx;
using Anneal.Training.Data;
using Anneal.Training.Nn;
using Anneal.Training.Optim;
using Anneal.Training.Tests.Data;
using Anneal.Training.Tuning;
using Anneal.Zoo;
using Anneal.Zoo.Images;

namespace Anneal.Training.Tests.Tuning;

public sealed class FrozenFeaturesTests : IDisposable
{
    private static readonly PicturePipeline Pipeline = new(Card with { Mean = [0.5f, 0.4f, 0.3f] }, 16, 16);

    private readonly TempFolder _folder = new();

    private static Preprocessing Card => Cards.Cifar.Preprocessing;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_table_holds_what_the_frozen_part_gives_and_the_next_run_computes_nothing()
    {
        using var features = Open();
        var data = Pictures(37);
        var reports = new Reports();
        float[][] rows;
        using (var table = features.Table(data, Pipeline, reports, Cancellation))
        {
            Assert.Equal((37, 37, 0), (table.Count, table.Work.Done, table.Work.Cached));
            Assert.Equal([8], table.Shape);
            Assert.Equal([.. Enumerable.Range(0, 37).Select(i => i % 3)], Dataset.Labels(table));
            Assert.Equal("picture 5", table.NameOf(5));
            Assert.True(table.Work.Computing > TimeSpan.Zero && table.Work.Decoding > TimeSpan.Zero);
            rows = Rows(table);
        }
        Assert.Equal((0, features.SizeOf(Pipeline, 37)), (reports.First.Done, reports.First.BytesToWrite));
        Assert.Equal(new FeatureCache(_folder.Path).SizeBytes, features.SizeOf(Pipeline, 37));
        using (TensorScope.Begin())
            foreach (var batch in new DataLoader<PictureSample>(data, Pipeline, new() { BatchSize = 8, Workers = 0 }).Epoch(0, cancellation: Cancellation))
            {
                var expected = features.Run(batch.Inputs, Cancellation).ToArray<float>();
                Assert.Equal(expected.Length, batch.Count * 8);
                for (var i = 0; i < expected.Length; i++)
                    Assert.Equal(expected[i], rows[batch.Samples[i / 8]][i % 8], 1e-6f);
            }
        using var again = features.Table(data, Pipeline, null, Cancellation);
        Assert.Equal((37, TimeSpan.Zero), (again.Work.Cached, again.Work.Computing));
        Assert.Equal(rows, Rows(again));
    }

    [Fact]
    public void What_is_missing_is_computed_to_the_same_bits_as_in_one_go()
    {
        using var features = Open();
        using (features.Table(Pictures(11), Pipeline, null, Cancellation)) { }
        using var table = features.Table(Pictures(30), Pipeline, null, Cancellation);
        Assert.Equal((11, 30), (table.Work.Cached, table.Work.Total));
        using var elsewhere = Open(folder: _folder["other"]);
        using var whole = elsewhere.Table(Pictures(30), Pipeline, null, Cancellation);
        Assert.Equal(Rows(whole), Rows(table));
    }

    [Fact]
    public void A_picture_that_comes_twice_is_computed_once()
    {
        using var features = Open();
        var data = Dataset.Concat(Pictures(5), Pictures(5));
        using var table = features.Table(data, Pipeline, null, Cancellation);
        Assert.Equal((10, 5), (table.Count, table.Work.Total));
        Assert.Equal(Rows(table)[..5], Rows(table)[5..]);
    }

    [Fact]
    public void Another_weight_card_size_or_picture_is_never_answered_with_old_features()
    {
        var data = Pictures(4);
        using (var features = Open())
        using (features.Table(data, Pipeline, null, Cancellation)) { }
        foreach (var (model, pipeline) in new[]
        {
            (Changed(), Pipeline),
            (SmallNetworks.ResNetV2(), new PicturePipeline(Card with { Mean = [0.5f, 0.4f, 0.2f] }, 16, 16)),
            (SmallNetworks.ResNetV2(), new PicturePipeline(Card with { Mean = [0.5f, 0.4f, 0.3f], Resize = Stretch(16) }, 16, 16)),
            (SmallNetworks.ResNetV2(), new PicturePipeline(Card with { Mean = [0.5f, 0.4f, 0.3f], Orientation = OrientationPolicy.Apply }, 16, 16)),
        })
        {
            using var features = Open(model);
            using var table = features.Table(data, pipeline, null, Cancellation);
            Assert.Equal(0, table.Work.Cached);
        }
        using (var features = Open(value: "pool_out"))
        using (var table = features.Table(data, Pipeline, null, Cancellation))
            Assert.Equal((0, 3), (table.Work.Cached, table.Shape.Rank));
        using (var features = Open())
        using (var table = features.Table(Pictures(4, seed: 9), Pipeline, null, Cancellation))
            Assert.Equal(0, table.Work.Cached);
    }

    [Theory]
    [InlineData("cut off")]
    [InlineData("grown")]
    [InlineData("another byte")]
    [InlineData("empty")]
    [InlineData("of another part")]
    public void A_damaged_or_foreign_file_is_never_read(string damage)
    {
        using var features = Open();
        float[][] rows;
        using (var table = features.Table(Pictures(9), Pipeline, null, Cancellation))
            rows = Rows(table);
        var file = Assert.Single(Directory.GetFiles(_folder.Path, "*.features", SearchOption.AllDirectories));
        var bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(file, damage switch
        {
            "cut off" => bytes[..^1],
            "grown" => [.. bytes, 0],
            "another byte" => [.. bytes[..^6], (byte)(bytes[^6] ^ 1), .. bytes[^5..]],
            "of another part" => [.. bytes[..12], (byte)(bytes[12] ^ 1), .. bytes[13..]],
            _ => [],
        });
        using var again = features.Table(Pictures(9), Pipeline, null, Cancellation);
        Assert.Equal(0, again.Work.Cached);
        Assert.Equal(rows, Rows(again));
    }

    [Fact]
    public void Several_at_once_share_a_folder()
    {
        var tables = Enumerable.Range(0, 4).AsParallel().WithDegreeOfParallelism(4).Select(i =>
        {
            using var features = Open();
            using var table = features.Table(Pictures(20 + (i * 4)), Pipeline, null, Cancellation);
            return Rows(table)[..20].SelectMany(row => row).ToArray();
        }).ToArray();
        Assert.All(tables, rows => Assert.Equal(tables[0], rows));
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.tmp", SearchOption.AllDirectories));
    }

    [Fact]
    public void What_was_finished_before_a_stop_is_kept()
    {
        using var features = Open(value: "conv1_out", threads: 1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var progress = new Reports(report => { if (report.Done >= 300) stop.Cancel(); });
        Assert.ThrowsAny<OperationCanceledException>(() => features.Table(Pictures(600), Pipeline, progress, stop.Token));
        using var table = features.Table(Pictures(600), Pipeline, null, Cancellation);
        Assert.Equal(256, table.Work.Cached);
    }

    [Fact]
    public void A_picture_that_cannot_be_read_is_named_by_its_file()
    {
        foreach (var name in new[] { "ants", "bees" })
            Directory.CreateDirectory(_folder["data", name]);
        for (byte i = 0; i < 6; i++)
            File.WriteAllBytes(_folder["data", i % 2 == 0 ? "ants" : "bees", $"{i}.bmp"], TinyBmp.Of(16, 16, (byte)(40 * i)));
        var folder = new ImageFolder(_folder["data"]);
        using var features = Open();
        using (var table = features.Table(folder, Pipeline, null, Cancellation))
            Assert.Equal([0, 0, 0, 1, 1, 1], Dataset.Labels(table));
        var (train, _) = Dataset.Split(folder, 0.5, seed: 1);
        using (var half = features.Table(train, Pipeline, null, Cancellation))
            Assert.Equal(half.Count, half.Work.Cached);
        File.WriteAllText(_folder["data", "bees", "3.bmp"], "no picture");
        var error = Assert.Throws<SampleException>(() => features.Table(new ImageFolder(_folder["data"]), Pipeline, null, Cancellation));
        Assert.Contains(_folder["data", "bees", "3.bmp"], error.Message);
    }

    [Fact]
    public void A_disk_without_room_is_named_before_anything_is_computed()
    {
        using var features = Open(freeBytes: 100);
        var error = Assert.Throws<AnnealException>(() => features.Table(Pictures(4), Pipeline, null, Cancellation));
        Assert.Contains(_folder.Path, error.Message);
        Assert.Contains($"{features.SizeOf(Pipeline, 4):N0} bytes and 100 are free", error.Message);
        Assert.Equal(0, new FeatureCache(_folder.Path).SizeBytes);
        File.WriteAllText(_folder["file"], "");
        using var blocked = Open(folder: _folder["file"]);
        Assert.Contains(_folder["file"], Assert.Throws<AnnealException>(() => blocked.Table(Pictures(4), Pipeline, null, Cancellation)).Message);
    }

    [Fact]
    public void Augmented_pictures_have_no_features_to_keep()
    {
        using var features = Open();
        var pipeline = new PicturePipeline(Card, 16, 16, new RandomHorizontalFlip(0.5));
        Assert.Contains("random horizontal flip", Assert.Throws<AnnealException>(() => features.Table(Pictures(4), pipeline, null, Cancellation)).Message);
    }

    [Fact]
    public void A_model_for_one_picture_is_given_one_at_a_time()
    {
        var model = SmallNetworks.ResNetV2();
        model.Graph.Inputs[0].Type = new TensorType(DType.Float32, new(1, 3, 16, 16));
        using var features = Open(model);
        using var any = Open();
        var x = new Generator(1).Normal([5, 3, 16, 16], 1);
        Assert.Equal([5, 8], features.Run(x, Cancellation).Shape);
        Assert.InRange(Compare.Relative(any.Run(x, Cancellation), features.Run(x, Cancellation)), 0, 1e-6);
        using var table = features.Table(Pictures(5), Pipeline, null, Cancellation);
        Assert.Equal([8], table.Shape);
    }

    [Fact]
    public void The_cache_is_trimmed_to_a_budget_and_what_was_used_longest_ago_goes_first()
    {
        using var features = Open();
        using (features.Table(Pictures(4), Pipeline, null, Cancellation)) { }
        var old = Assert.Single(Directory.GetFiles(_folder.Path, "*.features", SearchOption.AllDirectories));
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));
        using (features.Table(Pictures(6, seed: 3), Pipeline, null, Cancellation)) { }
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));
        var cache = new FeatureCache(_folder.Path);
        var before = cache.SizeBytes;
        Assert.Equal(0, cache.Trim(before));
        var freed = cache.Trim(before - 1);
        Assert.Equal(before - cache.SizeBytes, freed);
        Assert.False(File.Exists(old));
        Assert.True(cache.SizeBytes > 0);
        cache.Trim(0);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_row_of_a_closed_table_is_refused()
    {
        using var features = Open();
        var table = features.Table(Pictures(2), Pipeline, null, Cancellation);
        table.Dispose();
        Assert.Throws<ObjectDisposedException>(() => table[0].CopyTo(new float[8]));
    }

    [Fact]
    public void A_linear_head_learns_from_a_table()
    {
        using var features = Open(value: "conv1_out");
        using var table = features.Table(Pictures(60), Pipeline, null, Cancellation);
        var (first, last, _) = Train(table, epochs: 12, batch: 12);
        Assert.True(last < 0.5 * first, $"{first} {last}");
    }

    /// <summary>
    /// Not run with the others: <c>-explicit only -diagnostics</c> prints how many rows of 2,048 numbers a linear head trains on in a second, and in a second
    /// of one core, which other work on the machine does not change.
    /// </summary>
    [Fact(Explicit = true)]
    public void A_linear_head_trains_on_5000_rows_of_2048_numbers_a_second()
    {
        using var features = Open(Wide());
        using var table = features.Table(Pictures(2000), Pipeline, null, Cancellation);
        Assert.Equal([2048], table.Shape);
        _ = Train(table, epochs: 1, batch: 32);
        var before = Environment.CpuUsage.TotalTime;
        var (_, _, seconds) = Train(table, epochs: 5, batch: 32);
        var coreSeconds = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        TestContext.Current.SendDiagnosticMessage($"{5 * table.Count / seconds:N0} rows/s, {5 * table.Count / coreSeconds:N0} rows/s of one core");
        Assert.True(5 * table.Count / coreSeconds > 2500, $"{5 * table.Count / coreSeconds:N0} rows/s of one core");
    }

    private static (double First, double Last, double Seconds) Train(FeatureTable table, int epochs, int batch)
    {
        var loader = table.Loader(new() { BatchSize = batch, Order = SampleOrder.Shuffled, Seed = 1 });
        var head = new Linear(table.Shape.ElementCount, 3, generator: new Generator(1));
        var optimizer = new Sgd(head.Parameters(), new() { LearningRate = 0.05, Momentum = 0.9 });
        var (clock, losses) = (Stopwatch.StartNew(), new List<double>());
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            var sum = 0.0;
            foreach (var rows in loader.Epoch(epoch, cancellation: Cancellation))
            {
                using var scope = TensorScope.Begin();
                var loss = Loss.CrossEntropy(head.Forward(rows.Inputs.Reshape(rows.Count, -1)), rows.Labels);
                loss.Backward();
                optimizer.Step();
                optimizer.ZeroGrad();
                sum += loss.Item() * rows.Count;
            }
            losses.Add(sum / table.Count);
        }
        return (losses[0], losses[^1], clock.Elapsed.TotalSeconds);
    }

    private FrozenFeatures Open(Model? model = null, string value = "flatten_out", string? folder = null, int threads = 2, long freeBytes = long.MaxValue)
    {
        var cut = ModelCut.At(model ?? SmallNetworks.ResNetV2(), value);
        return new(cut, new FrozenOptions { CacheFolder = folder ?? _folder.Path, Threads = threads }) { FreeBytes = _ => freeBytes };
    }

    private static Model Changed()
    {
        var model = SmallNetworks.ResNetV2();
        var weight = model.Graph.Find("conv1_b")!;
        var numbers = weight.Initializer!.ToFloats();
        numbers[0] += 1e-6f;
        model.Graph.SetInitializer(weight, TensorData.Create(weight.Name, numbers, numbers.Length));
        return model;
    }

    private static Model Wide()
    {
        var g = new RawGraph(opset: 13);
        var x = g.Node("Flatten", "flat", [g.Node("GlobalAveragePool", "pool", [g.ConvRelu("conv1", g.Input(), [8, 3, 3, 3], stride: 2)])]);
        x = g.Node("Relu", "flatten", [g.Gemm("wide", x, 2048, 8)]);
        return g.Build((g.Gemm("fc", x, 3, 2048), [3]));
    }

    /// <summary>Pictures of three colours with noise, made anew whenever they are asked for.</summary>
    private static IDataset<PictureSample> Pictures(int count, ulong seed = 1) => Dataset.Generate(
        count,
        i =>
        {
            var pixels = new byte[3 * 16 * 16];
            var draws = new Draws(seed).At(i);
            for (var at = 0; at < pixels.Length; at++)
                pixels[at] = (byte)(draws.Below(64, at) + (at % 3 == i % 3 ? 128 : 0));
            return new PictureSample(Picture.FromPixels(16, 16, pixels), i % 3, $"picture {i}");
        },
        i => i % 3, ["red", "green", "blue"], i => $"picture {i}");

    private static float[][] Rows(FeatureTable table) => [.. Enumerable.Range(0, table.Count).Select(i =>
    {
        var row = new float[table.Shape.ElementCount];
        table[i].CopyTo(row);
        return row;
    })];

    private static Resize Stretch(int side) => new() { Mode = ResizeMode.Stretch, Height = side, Width = side, Filter = ResizeFilter.Bilinear, Style = ResizeStyle.Pillow };

    private sealed class Reports(Action<FeatureProgress>? on = null) : IProgress<FeatureProgress>
    {
        private readonly List<FeatureProgress> _all = [];

        public FeatureProgress First => _all[0];

        public void Report(FeatureProgress value)
        {
            _all.Add(value);
            on?.Invoke(value);
        }
    }
}
