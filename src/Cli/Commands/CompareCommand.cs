using System.CommandLine;
using Anneal.Cli.Comparison;
using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Zoo;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal compare</c>: two engines on one model, or two models, on the same inputs; and, where asked for, the first node where they part.</summary>
internal sealed class CompareCommand
{
    private readonly Argument<string> _model = new("model") { Description = "An .onnx file, or a name of 'anneal models list'." };

    private readonly Option<string?> _against = new("--against") { Description = "Another model for the second side, whose values have the same names. Default: the same model.", HelpName = "NAME|FILE.onnx" };

    private readonly Option<string[]> _images = new("--images")
    {
        Description = "Pictures to compare on: files, folders, globs in quotes. Default: seeded numbers.",
        HelpName = "DIR|FILE",
        DefaultValueFactory = _ => [],
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string?> _card = new("--card") { Description = "How pictures are prepared, for a model file of your own: a catalogue entry or a card file.", HelpName = "NAME|FILE" };

    private readonly Option<string> _engineA = Engine("--engine-a", "ort", "What runs the first side, which is taken to be right.");

    private readonly Option<string> _engineB = Engine("--engine-b", "anneal", "What runs the second side, which is judged.");

    private readonly Option<Device> _deviceA = EngineChoice.DeviceOption("--device-a", Device.Cpu, "Where the first side runs.");

    private readonly Option<Device> _device = EngineChoice.DeviceOption("--device", Device.Cpu, "Where the second side runs.");

    private readonly Option<int> _threads = new("--threads") { Description = "Threads inside the models; 0 means one for each core.", HelpName = "N" };

    private readonly Option<bool> _nodes = new("--nodes") { Description = "Compare node by node, and name the first where they part; on the first picture, or on seeded numbers." };

    private readonly Option<double> _tolerance = new("--tolerance")
    {
        Description = "The largest difference, relative to the largest number in a value.",
        DefaultValueFactory = _ => 1e-4,
    };

    private readonly Option<int> _top = new("--top", "-k") { Description = "How many best classes are compared for each picture.", HelpName = "K", DefaultValueFactory = _ => 5 };

    private readonly Option<bool> _json = ModelsCommand.Json("One JSON object.");

    private readonly Screen _screen;

    private CompareCommand(Screen screen)
    {
        _screen = screen;
        Ranges.Require(_top, 1, int.MaxValue);
        Ranges.Require(_threads, 0, 1024);
        _tolerance.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0 and < 1))
                result.AddError("--tolerance is a share from 0 to below 1.");
        });
    }

    public static Command Create(Screen screen)
    {
        var compare = new CompareCommand(screen);
        var command = new Command("compare", "Run two engines, or two models, on the same inputs and say how far apart they are. Exit code 0: within the tolerance; 1: not, or a picture could not be read.")
        {
            compare._model, compare._against, compare._images, compare._card, compare._engineA, compare._engineB, compare._deviceA, compare._device,
            compare._threads, compare._nodes, compare._tolerance, compare._top,
        };
        var zoo = ZooArguments.AddTo(command);
        command.Options.Add(compare._json);
        command.SetAction((parsed, cancellation) => compare.RunAsync(parsed, zoo.Open(parsed, screen), cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, ModelZoo zoo, CancellationToken cancellation)
    {
        var model = parsed.GetRequiredValue(_model);
        var (name, source) = await LocalModel.OpenAsync(zoo, model, cancellation).ConfigureAwait(false);
        var (otherName, other) = parsed.GetValue(_against) is { } against ? await LocalModel.OpenAsync(zoo, against, cancellation).ConfigureAwait(false) : (name, source);
        var first = new Side(name, source, Chosen(parsed, _engineA), Session(parsed, _deviceA));
        var second = new Side(otherName, other, Chosen(parsed, _engineB), Session(parsed, _device));
        var outputs = parsed.GetRequiredValue(_images) is [_, ..] images
            ? PictureComparison.Run(first, second, Card(parsed, zoo, model), Pictures(images), parsed.GetValue(_top), cancellation)
            : SeededComparison.Run(first, second, cancellation);
        foreach (var failure in outputs.Failures)
            _screen.Notice(failure);
        var tolerance = parsed.GetValue(_tolerance);
        var nodes = parsed.GetValue(_nodes) && outputs.Inputs > 0 ? NodeWalk.Run(first, second, outputs.Sample, tolerance, cancellation) : null;
        var report = new CompareReport(first, second, outputs, nodes, tolerance);
        if (parsed.GetValue(_json))
            _screen.Line(report.ToJson());
        else
            report.Write(_screen);
        return report.IsGood && outputs.Failures.Count == 0 ? ExitCode.Ok : ExitCode.SomeFailed;
    }

    private IReadOnlyList<Input> Pictures(string[] given)
    {
        var list = InputList.Expand(given);
        foreach (var notice in list.Notices)
            _screen.Notice(notice);
        return list.Inputs;
    }

    /// <summary>Null where neither the person nor the catalogue says it.</summary>
    private ModelCard? Card(ParseResult parsed, ModelZoo zoo, string model)
    {
        if (parsed.GetValue(_card) is { } named)
            return EngineArguments.Card(named, zoo);
        return zoo.Catalog.TryGet(model, out var card) ? card : null;
    }

    private static IEngine Chosen(ParseResult parsed, Option<string> option) => EngineChoice.Engines.First(engine => engine.Name == parsed.GetRequiredValue(option));

    private EngineOptions Session(ParseResult parsed, Option<Device> device) =>
        new() { Device = parsed.GetValue(device), Threads = parsed.GetValue(_threads), Spinning = false };

    private static Option<string> Engine(string name, string otherwise, string description)
    {
        string[] names = [.. EngineChoice.Engines.Select(engine => engine.Name)];
        var option = new Option<string>(name) { Description = description, HelpName = string.Join('|', names), DefaultValueFactory = _ => otherwise };
        option.AcceptOnlyFromAmong(names);
        return option;
    }
}
