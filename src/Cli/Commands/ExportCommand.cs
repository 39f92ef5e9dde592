using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Anneal.Onnx;
using Anneal.Training.Export;
using Anneal.Zoo;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal export</c>: makes of a model file one that says all about itself, proven in ONNX Runtime before it appears.</summary>
internal sealed class ExportCommand(Screen screen)
{
    private readonly Argument<string> _in = new("in") { Description = "An .onnx file." };
    private readonly Argument<string> _out = new("out") { Description = "The file to write." };
    private readonly Option<bool> _fold = new("--fold-batchnorm") { Description = "Fold BatchNormalization into the weights beside it." };
    private readonly Option<bool> _softmax = new("--softmax") { Description = "End with a Softmax, so that the first output holds probabilities." };
    private readonly Option<bool> _dynamicBatch = new("--dynamic-batch") { Description = "Open a hard-coded batch of 1, so that the file takes any number of pictures." };
    private readonly Option<bool> _half = new("--fp16-weights") { Description = "Store weights as float16, half as large; they are cast back by the graph." };
    private readonly Option<int?> _opset = new("--opset") { Description = "Convert to this operator set. Default: the file's own." };
    private readonly Option<string?> _card = new("--card") { Description = "How pictures are prepared: a catalogue entry or a card file. Default: what the file says.", HelpName = "NAME|FILE" };
    private readonly Option<string?> _classes = new("--classes") { Description = "What the classes are called: a text file, one name on a line.", HelpName = "FILE" };
    private readonly Option<string?> _golden = new("--golden") { Description = "A picture of at most 32 KB that travels in the file with its answer. Default: numbers of a formula.", HelpName = "PICTURE" };
    private readonly Option<bool> _force = new("--force") { Description = "Replace OUT if it is there, be it IN itself." };
    private readonly Option<bool> _json = ModelsCommand.Json("One JSON object.");

    public static Command Create(Screen screen)
    {
        var export = new ExportCommand(screen);
        var command = new Command("export", "Write a model as a file that says all about itself, and prove it in ONNX Runtime.")
        {
            export._in, export._out, export._fold, export._softmax, export._dynamicBatch, export._half, export._opset, export._card, export._classes, export._golden,
            export._force, export._json,
        };
        var zoo = ZooArguments.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(export.Run(parsed, zoo.Open(parsed, screen), cancellation)));
        return command;
    }

    private int Run(ParseResult parsed, ModelZoo zoo, CancellationToken cancellation)
    {
        var input = Path.GetFullPath(parsed.GetRequiredValue(_in));
        var output = Path.GetFullPath(parsed.GetRequiredValue(_out));
        if (File.Exists(output) && !parsed.GetValue(_force))
            throw new AnnealException($"{output} is there already. Choose another name, or replace it with --force.");
        var model = OnnxFile.Load(input);
        var report = OnnxExport.Save(model, output, Options(parsed, Describe(parsed, model, input, zoo)), cancellation);
        if (parsed.GetValue(_json))
            screen.Line(ToJson(report));
        else
            Write(report, input);
        return ExitCode.Ok;
    }

    private ExportOptions Options(ParseResult parsed, ModelMetadata? metadata) => new()
    {
        FoldBatchNorm = parsed.GetValue(_fold),
        EndWithSoftmax = parsed.GetValue(_softmax),
        DynamicBatch = parsed.GetValue(_dynamicBatch),
        Float16Weights = parsed.GetValue(_half),
        Opset = parsed.GetValue(_opset),
        Overwrite = parsed.GetValue(_force),
        Metadata = metadata,
        GoldenPicture = parsed.GetValue(_golden) is { } picture ? Read(picture, "picture", File.ReadAllBytes) : default(ReadOnlyMemory<byte>),
    };

    /// <summary>What the file says of itself, with what the arguments add; null where both are silent.</summary>
    private ModelMetadata? Describe(ParseResult parsed, Model model, string input, ModelZoo zoo)
    {
        var own = ModelMetadata.Read(model, input);
        var card = parsed.GetValue(_card) is { } named ? EngineArguments.Card(named, zoo) : own?.Card;
        var classes = parsed.GetValue(_classes) is { } file ? Read(file, "list of classes", path => Names(File.ReadAllLines(path))) : null;
        if (card is null && classes is null && own is null)
            return null;
        return new()
        {
            Card = classes is null ? card : card is null ? null : card with { Labels = null, ClassNames = null },
            ClassNames = classes ?? (parsed.GetValue(_card) is null ? own?.ClassNames : null),
            Lineage = own?.Lineage ?? new() { Parent = Path.GetFileName(input), ParentSha256 = Sha256(input), MadeBy = $"anneal {ProductVersion.Text}" },
            Golden = own?.Golden,
        };
    }

    private static string[] Names(string[] lines) => [.. lines.Select(line => line.Trim()).Where(line => line.Length > 0)];

    private static string Sha256(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static T Read<T>(string path, string what, Func<string, T> read) => File.Exists(path)
        ? read(path)
        : throw new AnnealException($"There is no {what} '{Path.GetFullPath(path)}'.");

    private static string ToJson(ExportReport report) => JsonText.Object(json =>
    {
        json.WriteString("out", report.Path);
        json.Number("largestDifference", report.LargestDifference);
        json.WriteString("differsMost", report.Output);
        json.WriteStartArray("batches");
        foreach (var batch in report.Batches)
            json.WriteNumberValue(batch);
        json.WriteEndArray();
        json.WriteNumber("sizeBytes", report.SizeBytes);
        json.WriteNumber("opset", report.Opset);
        json.WriteStartArray("notices");
        foreach (var notice in report.Notices)
            json.WriteStringValue(notice);
        json.WriteEndArray();
    });

    private void Write(ExportReport report, string input)
    {
        screen.Heading(Screen.Printable($"{input} -> {report.Path}"));
        screen.Line($"  {Quantity.Bytes(report.SizeBytes)}, operator set {report.Opset}");
        foreach (var notice in report.Notices)
            screen.Line(Screen.Printable($"  {notice}"));
        var batches = $"at a batch of {string.Join(", ", report.Batches)}";
        screen.Line(report.LargestDifference == 0
            ? $"ONNX Runtime gives the same as this library's own engine, to the last bit, {batches}."
            : string.Create(CultureInfo.InvariantCulture, $"ONNX Runtime and this library's own engine differ by {report.LargestDifference:g2} of the largest number in '{Screen.Printable(report.Output)}' {batches}."));
    }
}
