using System.CommandLine;
using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Cli.Commands;

/// <summary>
/// <c>anneal models verify</c>: hashes local files again; with a photo, also asks the model what is on it and keeps the answer, so that a
/// model whose weights nobody vouches for has been seen to work once.
/// </summary>
internal sealed class ModelsVerify(Screen screen)
{
    public static Command Create(Screen screen)
    {
        var names = ModelsCommand.Names(ArgumentArity.ZeroOrMore);
        var photo = new Option<string?>("--photo") { Description = "Ask the model about this picture and record its answer as a first check.", HelpName = "FILE" };
        var command = new Command("verify", "Hash models on this machine again: those named, or all. One whose bytes have changed is removed.") { names, photo };
        var engine = EngineChoice.AddTo(command);
        var zoo = ZooArguments.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(photo) is not null && result.GetValue(names) is not { Length: 1 })
                result.AddError("--photo checks one model: give its name.");
        });
        command.SetAction((parsed, cancellation) =>
        {
            var (verify, opened, chosen) = (new ModelsVerify(screen), zoo.Open(parsed, screen), parsed.GetRequiredValue(names));
            return parsed.GetValue(photo) is { } file
                ? verify.CheckOnPhotoAsync(opened, chosen[0], file, new LoadOptions { Engine = engine.Engine(parsed), Session = engine.Session(parsed), AllowUnverified = true }, cancellation)
                : verify.RunAsync(opened, chosen, cancellation);
        });
        return command;
    }

    private Task<int> RunAsync(ModelZoo zoo, string[] names, CancellationToken cancellation) =>
        names.Length == 0 ? HashAllAsync(zoo, cancellation) : HashAsync(zoo, names, cancellation);

    private async Task<int> HashAllAsync(ModelZoo zoo, CancellationToken cancellation)
    {
        var checks = await zoo.Cache.VerifyAsync(cancellation).ConfigureAwait(false);
        foreach (var check in checks)
        {
            var names = string.Join(", ", check.Model.Names);
            screen.Line(check.IsGood
                ? $"ok       {names}"
                : $"problem  {names}: its bytes had changed (sha256 {check.ReceivedSha256}); it was removed, so the next use fetches it anew.");
        }
        screen.Line($"{Quantity.Of(checks.Count, "model")} checked.");
        return checks.All(check => check.IsGood) ? ExitCode.Ok : ExitCode.SomeFailed;
    }

    private async Task<int> HashAsync(ModelZoo zoo, string[] names, CancellationToken cancellation)
    {
        var files = names.Select(name => LocalModel.WithFile(zoo, name)).ToList();
        var code = ExitCode.Ok;
        foreach (var (card, file) in files)
        {
            try
            {
                await CheckAsync(zoo, card, file, cancellation).ConfigureAwait(false);
                screen.Line($"ok       {card.Name}");
            }
            catch (AnnealException error)
            {
                screen.Notice(error.Message);
                code = ExitCode.SomeFailed;
            }
        }
        return code;
    }

    /// <summary>A file inside this program is hashed there; a copy of it in the cache, as any other.</summary>
    private static Task CheckAsync(ModelZoo zoo, ModelCard card, ModelFile file, CancellationToken cancellation)
    {
        if (!file.IsEmbedded)
            return zoo.Cache.CheckAsync(file, card.Name, cancellation);
        file.ReadEmbedded(card.Name);
        return zoo.Cache.Find(file) is null ? Task.CompletedTask : zoo.Cache.CheckAsync(file, card.Name, cancellation);
    }

    private async Task<int> CheckOnPhotoAsync(ModelZoo zoo, string name, string photo, LoadOptions options, CancellationToken cancellation)
    {
        var (card, file) = LocalModel.WithFile(zoo, name);
        var path = await zoo.Cache.GetAsync(file, card.Name, cancellation).ConfigureAwait(false);
        await zoo.Cache.CheckAsync(file, card.Name, cancellation).ConfigureAwait(false);
        using var classifier = await zoo.LoadAsync(card.Name, options, cancellation).ConfigureAwait(false);
        var predictions = classifier.Classify(photo);
        var check = new FirstCheck(card.Name, file.Sha256, OnnxFile.Load(path).OperatorSets[""], photo, predictions, DateTimeOffset.UtcNow, classifier.Session.Engine, EngineChoice.VersionOf(options.Engine!), classifier.Session.Device);
        var record = check.AppendTo(zoo.Cache.Root);
        Show(check, card, record);
        return ExitCode.Ok;
    }

    private void Show(FirstCheck check, ModelCard card, string record)
    {
        screen.Line($"{check.Model}: sha256 {check.Sha256}, opset {check.Opset?.ToString() ?? "unknown"}, {check.Engine} {check.EngineVersion} on {check.Device}");
        IAnswerWriter writer = screen.IsRich ? new AnswerBars(screen) : new PlainLines(screen);
        writer.Write(new Answer(check.Photo, check.Predictions, null));
        screen.Line($"Recorded in {record}");
        if (card.Weights == WeightsStatus.Unverified)
            screen.Line("If the first answer is right, the weights are trained ones; --allow-unverified then loads the model.");
    }
}
