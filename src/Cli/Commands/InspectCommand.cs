using System.CommandLine;
using Anneal.Cli.Inspection;
using Anneal.Onnx;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal inspect</c>: what is in a model file.</summary>
internal sealed class InspectCommand(Screen screen)
{
    public static Command Create(Screen screen)
    {
        var model = new Argument<string>("model") { Description = "An .onnx file, or a name of 'anneal models list'." };
        var json = ModelsCommand.Json("One JSON object.");
        var layers = new Option<bool>("--layers") { Description = "Every layer with its shape, parameters and arithmetic, not only the heaviest." };
        var command = new Command("inspect", "Show a model's inputs, outputs, operators, shapes, parameters, arithmetic and metadata, and what to watch out for.") { model, layers, json };
        var zoo = ZooArguments.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = await LocalModel.FindAsync(zoo.Open(parsed, screen), parsed.GetRequiredValue(model), cancellation).ConfigureAwait(false);
            return new InspectCommand(screen).Run(path, parsed.GetValue(layers), parsed.GetValue(json));
        });
        return command;
    }

    private int Run(string path, bool allLayers, bool asJson)
    {
        var summary = new ModelSummary(path, OnnxFile.Load(path));
        if (asJson)
            screen.Line(SummaryJson.Of(summary));
        else
            SummaryText.Write(summary, allLayers, screen);
        return ExitCode.Ok;
    }
}
