using System.CommandLine;
using System.Globalization;
using Anneal.Runtime;
using Anneal.Zoo;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal verify</c>: whether a model file gives the answer that it carries, here and on this engine and device.</summary>
internal sealed class VerifyCommand(Screen screen)
{
    public static Command Create(Screen screen)
    {
        var model = new Argument<string>("model") { Description = "An .onnx file that describes itself, or a name of 'anneal models list'." };
        var json = ModelsCommand.Json("One JSON object.");
        var command = new Command("verify", "Run a model on the golden example inside its file and compare with the answer recorded there; no card, data or source is needed.") { model };
        var engine = EngineChoice.AddTo(command);
        var zoo = ZooArguments.AddTo(command);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (name, source) = await LocalModel.OpenAsync(zoo.Open(parsed, screen), parsed.GetRequiredValue(model), cancellation).ConfigureAwait(false);
            using var session = engine.Engine(parsed).Open(source, engine.Session(parsed));
            return new VerifyCommand(screen).Run(session, name, parsed.GetValue(json), cancellation);
        });
        return command;
    }

    private int Run(IModelSession session, string name, bool asJson, CancellationToken cancellation)
    {
        foreach (var notice in session.Notices)
            screen.Notice(notice);
        var found = ModelVerifier.Verify(session, name, cancellation);
        screen.Line(asJson ? ToJson(found) : Screen.Printable(ToText(found)));
        return found.IsGood ? ExitCode.Ok : ExitCode.SomeFailed;
    }

    private static string ToText(ModelVerification found)
    {
        var verdict = found.IsGood ? "gives the recorded answer" : "does NOT give the recorded answer";
        var batches = found.Batches is [var only] ? $"batch {only}" : $"batches {string.Join(", ", found.Batches)}";
        return string.Create(CultureInfo.InvariantCulture,
            $"{(found.IsGood ? "ok     " : "problem")}  {found.File} {verdict} ({found.Engine} on {found.Device}, {batches}): largest difference {found.Largest:g3}, tolerance {found.Tolerance:g3}.");
    }

    private static string ToJson(ModelVerification found) => JsonText.Object(json =>
    {
        json.WriteString("file", found.File);
        json.WriteString("engine", found.Engine);
        json.WriteString("device", found.Device.ToString());
        json.WriteStartArray("batches");
        foreach (var batch in found.Batches)
            json.WriteNumberValue(batch);
        json.WriteEndArray();
        json.Number("largestDifference", found.Largest);
        json.WriteNumber("tolerance", found.Tolerance);
        json.WriteBoolean("good", found.IsGood);
    });
}
