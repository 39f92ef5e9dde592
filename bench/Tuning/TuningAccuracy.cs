using System.Globalization;
using System.Text.Json;
using Anneal.Training.Tuning;
using Anneal.Zoo;

namespace Anneal.Bench.Tuning;

/// <summary>
/// Tunes one model several times with the defaults, a seed after the other, and says how well it names the validation pictures:
/// <c>tuning --model FILE --card NAME|FILE --train DIR --val DIR [--seeds 0,1,2,3,4] [--epochs 8] [--freeze backbone] [--lr X] [--batch 16] [--head-epochs N] [--augment None]</c>.
/// The last epoch is what is compared: the best one was chosen by the same pictures.
/// </summary>
internal static class TuningAccuracy
{
    public static int Run(string[] args)
    {
        string? Value(string name) => Array.IndexOf(args, name) is var at && at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
        string Required(string name) => Value(name) ?? throw new ArgumentException($"tuning needs {name}.");
        var model = PretrainedModel.FromFile(Required("--model"), Card(Required("--card")));
        var data = TuningData.FromFolders(Required("--train"), Required("--val"));
        var options = new FineTuneOptions
        {
            Epochs = int.Parse(Value("--epochs") ?? "8", CultureInfo.InvariantCulture),
            BatchSize = int.Parse(Value("--batch") ?? "16", CultureInfo.InvariantCulture),
            Freeze = Value("--freeze") ?? "backbone",
            HeadEpochs = Value("--head-epochs") is { } head ? int.Parse(head, CultureInfo.InvariantCulture) : null,
            Augment = Enum.Parse<AugmentLevel>(Value("--augment") ?? "None"),
            LearningRate = Value("--lr") is { } rate ? double.Parse(rate, CultureInfo.InvariantCulture) : null,
        };
        var runs = (Value("--seeds") ?? "0,1,2,3,4").Split(',').Select(seed => Run(model, data, options with { Seed = ulong.Parse(seed, CultureInfo.InvariantCulture) })).ToArray();
        Report(runs, options);
        return 0;
    }

    private static TuningFigure Run(PretrainedModel model, TuningData data, FineTuneOptions options)
    {
        var result = FineTune.Run(model, data, options);
        foreach (var epoch in result.History)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"seed {options.Seed} epoch {epoch.Epoch} {epoch.Stage}: loss {epoch.TrainLoss:0.0000}, validation {epoch.ValidationLoss:0.0000}, right {epoch.Top1:0.0000}, {epoch.ImagesPerSecond:0} images/s"));
        return new(options.Seed, result.History[^1].Top1, result.Metrics.Top1, result.History[^1].ImagesPerSecond);
    }

    private static void Report(TuningFigure[] runs, FineTuneOptions options)
    {
        var (last, best) = (runs.Select(run => run.LastTop1).ToArray(), runs.Select(run => run.BestTop1).ToArray());
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            freeze = options.Freeze,
            epochs = options.Epochs,
            meanLast = Math.Round(last.Average(), 4),
            errorLast = Math.Round(StandardError(last), 4),
            meanBest = Math.Round(best.Average(), 4),
            runs,
        }));
    }

    private static double StandardError(double[] figures)
    {
        var mean = figures.Average();
        return figures.Length < 2 ? 0 : Math.Sqrt(figures.Sum(figure => (figure - mean) * (figure - mean)) / (figures.Length - 1) / figures.Length);
    }

    private static ModelCard Card(string nameOrFile) => File.Exists(nameOrFile) ? ModelCard.Load(nameOrFile) : ModelCatalog.Default.Get(nameOrFile);
}
