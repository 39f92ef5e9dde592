using System.CommandLine;
using Anneal.Zoo;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal models remove</c>: gives disk space back.</summary>
internal sealed class ModelsRemove(Screen screen)
{
    public static Command Create(Screen screen)
    {
        var names = ModelsCommand.Names(ArgumentArity.ZeroOrMore);
        var all = new Option<bool>("--all") { Description = "Remove every model and every unfinished download." };
        var command = new Command("remove", "Remove models from this machine.") { names, all };
        var zoo = ZooArguments.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) == result.GetValue(names) is { Length: > 0 })
                result.AddError("Give the names of models to remove, or --all.");
        });
        command.SetAction((parsed, cancellation) => parsed.GetValue(all)
            ? new ModelsRemove(screen).RemoveAllAsync(zoo.Open(parsed, screen), cancellation)
            : new ModelsRemove(screen).RemoveAsync(zoo.Open(parsed, screen), parsed.GetRequiredValue(names), cancellation));
        return command;
    }

    private async Task<int> RemoveAsync(ModelZoo zoo, string[] names, CancellationToken cancellation)
    {
        var digests = names.Select(name => (Name: name, Sha256: DigestOf(zoo, name), IsEmbedded: zoo.Catalog.TryGet(name, out var card) && card.File is { IsEmbedded: true })).ToList();
        var code = ExitCode.Ok;
        foreach (var (name, sha256, isEmbedded) in digests)
        {
            var bytes = await zoo.Cache.RemoveAsync(sha256, cancellation).ConfigureAwait(false);
            if (bytes == 0)
                code = ExitCode.SomeFailed;
            screen.Line(bytes > 0 ? $"{name}: removed, {Quantity.Bytes(bytes)} freed." : isEmbedded ? $"{name}: is inside this program and stays." : $"{name}: was not on this machine.");
        }
        return code;
    }

    private async Task<int> RemoveAllAsync(ModelZoo zoo, CancellationToken cancellation)
    {
        var models = zoo.Cache.List().Count;
        var bytes = await zoo.Cache.RemoveAllAsync(cancellation).ConfigureAwait(false);
        screen.Line($"{Quantity.Of(models, "model")} removed, {Quantity.Bytes(bytes)} freed.");
        return ExitCode.Ok;
    }

    /// <summary>A file that came from an address goes by the name it was asked for as.</summary>
    private static string DigestOf(ModelZoo zoo, string name) =>
        zoo.Catalog.TryGet(name, out var card) && card.File is { } file ? file.Sha256
        : zoo.Cache.List().FirstOrDefault(model => model.Names.Contains(name))?.Sha256
        ?? LocalModel.WithFile(zoo, name).File.Sha256;
}
