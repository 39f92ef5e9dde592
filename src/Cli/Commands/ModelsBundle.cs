using System.CommandLine;
using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal models bundle</c>: models in one file, for machines without a network.</summary>
internal sealed class ModelsBundle(Screen screen)
{
    public static Command Create(Screen screen)
    {
        var names = ModelsCommand.Names(ArgumentArity.OneOrMore);
        var output = new Option<string>("--output", "-o") { Description = "The file to write; one that exists is not replaced.", HelpName = "FILE", Required = true };
        var command = new Command("bundle", "Pack models into one file for a machine without a network; those not here are fetched first.") { names, output };
        var zoo = ZooArguments.AddTo(command);
        command.SetAction((parsed, cancellation) =>
            new ModelsBundle(screen).RunAsync(zoo.Open(parsed, screen), parsed.GetRequiredValue(names), parsed.GetRequiredValue(output), cancellation));
        return command;
    }

    private async Task<int> RunAsync(ModelZoo zoo, string[] names, string path, CancellationToken cancellation)
    {
        if (Path.Exists(path))
            throw new AnnealException($"'{path}' exists already. Give another name, or remove it first.");
        var models = names.Distinct(StringComparer.Ordinal).Select(name => LocalModel.WithFile(zoo, name)).ToList();
        foreach (var (card, file) in models)
            await zoo.Cache.GetAsync(file, card.Name, cancellation).ConfigureAwait(false);
        var bundled = models.Select(model => new BundledModel(model.Card.Name, model.File, model.Card.ToJson())).ToList();
        await ModelBundle.WriteAsync(zoo.Cache, bundled, path, cancellation).ConfigureAwait(false);
        screen.Line($"{path}: {Quantity.Of(models.Count, "model")}, {Quantity.Bytes(new FileInfo(path).Length)}. Take it along and run 'anneal models import {Path.GetFileName(path)}' there.");
        return ExitCode.Ok;
    }
}
