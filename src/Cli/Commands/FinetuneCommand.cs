using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using Anneal.Cli.Tuning;
using Anneal.Onnx;
using Anneal.Training;
using Anneal.Training.Checkpoints;
using Anneal.Training.Export;
using Anneal.Training.Tuning;
using Anneal.Zoo;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal finetune</c>: folders of classes in, one file out that says all about itself and that any ONNX runtime opens.</summary>
internal sealed class FinetuneCommand
{
    private const string Find = "find";

    private readonly Argument<string> _train = new("train") { Description = "A folder whose folders are the classes, with their pictures.", HelpName = "TRAIN_DIR" };
    private readonly Option<string> _model = new("--model", "-m") { Description = "What to start from: a name of 'anneal models list', or an .onnx file.", HelpName = "NAME|FILE.onnx", Required = true };
    private readonly Option<string> _out = new("--out", "-o") { Description = "The file to write.", HelpName = "OUT.onnx", Required = true };
    private readonly Option<string?> _val = new("--val") { Description = "A folder like TRAIN_DIR to judge by. Default: a part of TRAIN_DIR.", HelpName = "DIR" };
    private readonly Option<double> _valSplit = new("--val-split") { Description = "The share of TRAIN_DIR that is judged by and not learned from, where there is no --val.", HelpName = "SHARE", DefaultValueFactory = _ => 0.2 };
    private readonly Option<int> _epochs = new("--epochs") { Description = "How often all pictures are learned from.", HelpName = "N", DefaultValueFactory = _ => 8 };
    private readonly Option<int> _batch = new("--batch") { Description = "Pictures in a batch.", HelpName = "N", DefaultValueFactory = _ => 16 };
    private readonly Option<int> _accumulate = new("--accumulate") { Description = "Batches that make one step together.", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<string?> _rate = new("--lr") { Description = "The greatest learning rate, or find to search for one.", HelpName = "X|find" };
    private readonly Option<string> _freeze = new("--freeze") { Description = "What does not learn: backbone (all but the new head), none, or names of parameters with *, separated by commas.", HelpName = "backbone|none|PATTERN", DefaultValueFactory = _ => "backbone" };
    private readonly Option<int?> _headEpochs = new("--head-epochs") { Description = "How many of the epochs only the head learns, before more does.", HelpName = "N" };
    private readonly Option<string?> _head = new("--head") { Description = "The node that the new head replaces, or append. Default: it is found.", HelpName = "NODE|append" };
    private readonly Option<AugmentLevel> _augment = new("--augment") { Description = "How much pictures are changed at random: none, basic or strong.", HelpName = "none|basic|strong" };
    private readonly Option<MixKind> _mix = new("--mix") { Description = "How pictures are mixed: none, mixup, cutmix or both.", HelpName = "none|mixup|cutmix|both" };
    private readonly Option<OptimizerKind> _optimizer = new("--optimizer") { Description = "adamw or sgd.", HelpName = "adamw|sgd" };
    private readonly Option<ScheduleKind> _schedule = new("--schedule") { Description = "How the learning rate goes: onecycle, cosine or constant.", HelpName = "onecycle|cosine|constant" };
    private readonly Option<double> _smoothing = new("--label-smoothing") { Description = "The share of each label that is spread over all classes.", HelpName = "SHARE" };
    private readonly Option<bool> _balance = new("--balance") { Description = "Let classes count the more the rarer they are." };
    private readonly Option<double?> _ema = new("--ema") { Description = "Keep a moving average of the weights, with this decay.", HelpName = "DECAY" };
    private readonly Option<int?> _patience = new("--patience") { Description = "Stop after so many epochs without a better one.", HelpName = "N" };
    private readonly Option<ulong> _seed = new("--seed") { Description = "What every random number comes from. The same seed gives the same file.", HelpName = "N" };
    private readonly Option<int> _threads = new("--threads") { Description = "Threads that compute; 0 means one for each core.", HelpName = "N" };
    private readonly Option<string> _device = new("--device") { Description = "Where what learns is computed: cpu, cuda:N or opencl:N.", HelpName = "cpu|cuda:N|opencl:N", DefaultValueFactory = _ => "cpu" };
    private readonly Option<string?> _checkpoint = new("--checkpoint") { Description = "The folder of checkpoints. Default: beside OUT, and away when that is written.", HelpName = "DIR" };
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on with the training whose checkpoint is there; begin where there is none." };
    private readonly Option<string?> _events = new("--events") { Description = "A folder for TensorBoard's event files.", HelpName = "DIR" };
    private readonly Option<string?> _card = new("--card") { Description = "How pictures are prepared, for a model file that does not say so itself: a catalogue entry or a card file.", HelpName = "NAME|FILE" };
    private readonly Option<bool> _allowUnverified = new("--allow-unverified") { Description = "Start from a model although its weights are not known to be trained ones." };
    private readonly Option<bool> _force = new("--force") { Description = "Replace OUT if it is there." };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a line: each epoch, and then the file." };
    private readonly Screen _screen;

    private FinetuneCommand(Screen screen)
    {
        _screen = screen;
        Ranges.Require(_epochs, 1, 100_000);
        Ranges.Require(_batch, 1, 65_536);
        Ranges.Require(_accumulate, 1, 65_536);
        Ranges.Require(_threads, 0, 1024);
        _rate.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text and not Find && !(double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate > 0 && double.IsFinite(rate)))
                result.AddError($"--lr: '{text}' is no number above 0, and not 'find'.");
        });
        _valSplit.Validators.Add(result => RequireShare(result, "--val-split", isOpen: true));
        _smoothing.Validators.Add(result => RequireShare(result, "--label-smoothing", isOpen: false));
        _device.Validators.Add(result =>
        {
            if (!Device.TryParse(result.GetValueOrDefault<string>(), out var device) || device == Device.Auto)
                result.AddError($"--device: '{result.GetValueOrDefault<string>()}' names no device to train on. Expected cpu, cuda:N or opencl:N, where N counts from 0.");
        });
    }

    public static Command Create(Screen screen)
    {
        var finetune = new FinetuneCommand(screen);
        var command = new Command("finetune", "Teach a model the classes of a folder of pictures, and write it as one ONNX file.")
        {
            finetune._train, finetune._model, finetune._out, finetune._val, finetune._valSplit, finetune._epochs, finetune._batch, finetune._accumulate,
            finetune._rate, finetune._freeze, finetune._headEpochs, finetune._head, finetune._augment, finetune._mix, finetune._optimizer, finetune._schedule,
            finetune._smoothing, finetune._balance, finetune._ema, finetune._patience, finetune._seed, finetune._threads, finetune._device,
            finetune._checkpoint, finetune._resume, finetune._events, finetune._card, finetune._allowUnverified, finetune._force, finetune._json,
        };
        var zoo = ZooArguments.AddTo(command);
        command.SetAction((parsed, cancellation) => finetune.RunAsync(parsed, zoo.Open(parsed, screen), cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, ModelZoo zoo, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var output = new TuningOutput(Path.GetFullPath(parsed.GetRequiredValue(_out)), parsed.GetValue(_force));
        output.RequirePlace();
        if (parsed.GetValue(_threads) is > 0 and var threads)
            Threads.Count = threads;
        var display = new TuningDisplay(_screen, parsed.GetValue(_json));
        var options = Options(parsed, output, display);
        var data = TuningData.FromFolders(parsed.GetRequiredValue(_train), parsed.GetValue(_val), parsed.GetValue(_valSplit), options.Seed);
        var model = await StartAsync(parsed, zoo, cancellation).ConfigureAwait(false);
        if (parsed.GetValue(_rate) == Find)
            options = await Task.Run(() => WithRate(model, data, options, cancellation), cancellation).ConfigureAwait(false);
        var result = await TuneAsync(model, data, options, cancellation).ConfigureAwait(false);
        var report = result.Save(output.Path, new() { Overwrite = output.Force }, cancellation);
        if (parsed.GetValue(_checkpoint) is null)
            CheckpointFolder.Remove(output.CheckpointFolder);
        if (parsed.GetValue(_json))
            _screen.Line(Json(output, result, clock.Elapsed, display));
        else
            Conclude(report, result, clock.Elapsed);
        return ExitCode.Ok;
    }

    private static void RequireShare(OptionResult result, string name, bool isOpen)
    {
        if (result.GetValueOrDefault<double>() is var share && !(share < 1 && (isOpen ? share > 0 : share >= 0)))
            result.AddError($"{name} is a share {(isOpen ? "between 0 and 1" : "from 0 to below 1")}.");
    }

    private Task<PretrainedModel> StartAsync(ParseResult parsed, ModelZoo zoo, CancellationToken cancellation)
    {
        var model = parsed.GetRequiredValue(_model);
        var card = parsed.GetValue(_card) is { } named ? EngineArguments.Card(named, zoo) : null;
        return File.Exists(model) || model.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)
            ? Task.Run(() => PretrainedModel.FromFile(model, card), cancellation)
            : PretrainedModel.FromZooAsync(model, zoo, parsed.GetValue(_allowUnverified), cancellation);
    }

    private async Task<FineTuneResult> TuneAsync(PretrainedModel model, TuningData data, FineTuneOptions options, CancellationToken cancellation)
    {
        try
        {
            return await FineTune.RunAsync(model, data, options, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            _screen.Notice($"Stopped. What was learned is kept in {options.CheckpointFolder}: the same command with --resume goes on from there.");
            throw;
        }
    }

    private FineTuneOptions WithRate(PretrainedModel model, TuningData data, FineTuneOptions options, CancellationToken cancellation)
    {
        var rate = FineTune.FindLearningRate(model, data, options, null, cancellation).Suggestion
            ?? throw new AnnealException("No learning rate stands out: the loss falls nowhere. Give one with --lr.");
        _screen.Notice(string.Create(CultureInfo.InvariantCulture, $"The loss falls most steeply at the learning rate {rate:0.0e+0}, which is taken."));
        return options with { LearningRate = rate };
    }

    private FineTuneOptions Options(ParseResult parsed, TuningOutput output, TuningDisplay display) => new()
    {
        Epochs = parsed.GetValue(_epochs),
        BatchSize = parsed.GetValue(_batch),
        Accumulate = parsed.GetValue(_accumulate),
        LearningRate = parsed.GetValue(_rate) is { } rate and not Find ? double.Parse(rate, CultureInfo.InvariantCulture) : null,
        Freeze = parsed.GetRequiredValue(_freeze),
        HeadEpochs = parsed.GetValue(_headEpochs),
        Head = parsed.GetValue(_head),
        Augment = parsed.GetValue(_augment),
        Mix = parsed.GetValue(_mix),
        Optimizer = parsed.GetValue(_optimizer),
        Schedule = parsed.GetValue(_schedule),
        LabelSmoothing = parsed.GetValue(_smoothing),
        BalanceClasses = parsed.GetValue(_balance),
        EmaDecay = parsed.GetValue(_ema),
        Patience = parsed.GetValue(_patience),
        Seed = parsed.GetValue(_seed),
        Device = Device.Parse(parsed.GetRequiredValue(_device)),
        CheckpointFolder = parsed.GetValue(_checkpoint) is { } folder ? Path.GetFullPath(folder) : output.CheckpointFolder,
        Resume = parsed.GetValue(_resume),
        EventFolder = parsed.GetValue(_events),
        Progress = display,
    };

    private void Conclude(ExportReport report, FineTuneResult result, TimeSpan time)
    {
        _screen.Line();
        _screen.Line(result.Metrics.ToText());
        _screen.Line();
        _screen.Line(string.Create(CultureInfo.InvariantCulture,
            $"{report.Path}: {result.ClassNames.Count} classes, epoch {result.BestEpoch}, {Quantity.Bytes(report.SizeBytes)}, in {Quantity.Time(time)}."));
        _screen.Line(string.Create(CultureInfo.InvariantCulture,
            $"Opened again in ONNX Runtime alone: the outputs differ by {report.LargestDifference:0.0e+0} at most. 'anneal verify' shows it anywhere."));
    }

    private static string Json(TuningOutput output, FineTuneResult result, TimeSpan time, TuningDisplay display) => JsonText.Object(json =>
    {
        json.WriteString("out", output.Path);
        json.Strings("classes", result.ClassNames);
        json.Number("top1", result.Metrics.Top1);
        json.WriteNumber("seconds", Math.Round(time.TotalSeconds, 3));
        json.Number("imagesPerSecond", display.ImagesPerSecond);
    });
}
