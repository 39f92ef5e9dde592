using System.CommandLine;
using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Training;

namespace Anneal.Cli;

/// <summary>The options of every command that runs a model: which engine, on which device, with how many threads.</summary>
internal sealed class EngineChoice
{
    /// <summary>The engines by the names that the command line has for them.</summary>
    public static readonly IReadOnlyList<IEngine> Engines = [new OrtEngine(), new AnnealEngine()];

    private const string Auto = "auto";

    private readonly Option<string> _engine;

    private readonly Option<Device> _device =
        DeviceOption("--device", Device.Auto, "Where it runs: auto, cpu, cuda:N or opencl:N. A device that cannot be had is an error; auto says what it chose.");

    private readonly Option<int> _threads = new("--threads")
    {
        Description = "Threads inside the model; 0 means one for each core.",
        HelpName = "N",
    };

    private EngineChoice(string engine)
    {
        _engine = new("--engine")
        {
            Description = "What runs the model: ort is ONNX Runtime, anneal is this library's own kernels, auto is anneal on opencl:N and ort elsewhere.",
            HelpName = "auto|ort|anneal",
            DefaultValueFactory = _ => engine,
        };
        _engine.AcceptOnlyFromAmong([Auto, .. Engines.Select(known => known.Name)]);
        Ranges.Require(_threads, 0, 1024);
    }

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="engine">The engine that is taken when none is named.</param>
    public static EngineChoice AddTo(Command command, string engine = Auto)
    {
        var choice = new EngineChoice(engine);
        command.Options.Add(choice._engine);
        command.Options.Add(choice._device);
        command.Options.Add(choice._threads);
        return choice;
    }

    /// <summary>An option that names a device.</summary>
    public static Option<Device> DeviceOption(string name, Device otherwise, string description) => new(name)
    {
        Description = description,
        HelpName = "auto|cpu|cuda:N|opencl:N",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            if (!Device.TryParse(result.Tokens[0].Value, out var device))
                result.AddError($"{name}: '{result.Tokens[0].Value}' names no device. Expected auto, cpu, cuda:N or opencl:N, where N counts from 0.");
            return device;
        },
    };

    /// <summary>The engine that was chosen.</summary>
    public IEngine Engine(ParseResult parsed) => Find(parsed.GetRequiredValue(_engine), parsed.GetValue(_device));

    /// <summary>How it opens a session.</summary>
    public EngineOptions Session(ParseResult parsed) => new()
    {
        Device = parsed.GetValue(_device),
        Threads = parsed.GetValue(_threads),
        // Decoding shares the cores with the model, and spinning workers would take them from it.
        Spinning = false,
    };

    /// <summary>What people call an engine.</summary>
    public static string TitleOf(IEngine engine) => engine is OrtEngine ? "ONNX Runtime" : "Anneal's own kernels";

    /// <summary>The version of an engine.</summary>
    /// <exception cref="AnnealException">The engine is not there.</exception>
    public static string VersionOf(IEngine engine) => engine is OrtEngine ? OrtEngine.Version : ProductVersion.Text;

    private static IEngine Find(string name, Device device) =>
        Engines.First(engine => engine.Name == (name == Auto ? (device.Kind is DeviceKind.OpenCl ? "anneal" : "ort") : name));
}
