using System.CommandLine;
using Anneal.Zoo;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal models import</c>: takes in what <c>bundle</c> packed, after checking every byte.</summary>
internal sealed class ModelsImport(Screen screen)
{
    public static Command Create(Screen screen)
    {
        var bundle = new Argument<string>("file") { Description = "A file that 'anneal models bundle' wrote." };
        var command = new Command("import", "Take models out of a bundle; all of them or, if anything in it is wrong, none.") { bundle };
        var zoo = ZooArguments.AddTo(command);
        command.SetAction((parsed, cancellation) => new ModelsImport(screen).RunAsync(zoo.Open(parsed, screen), parsed.GetRequiredValue(bundle), cancellation));
        return command;
    }

    private async Task<int> RunAsync(ModelZoo zoo, string path, CancellationToken cancellation)
    {
        foreach (var model in await ModelBundle.ImportAsync(zoo.Cache, path, cancellation).ConfigureAwait(false))
        {
            screen.Line($"{model.Name}: {zoo.Cache.Find(model.File)}");
            if (!zoo.Catalog.TryGet(model.Name, out _) && model.CardJson is { } card)
                screen.Line($"  is in none of your catalogues; its entry is kept: load it with --catalogue {Keep(zoo.Cache.Root, model.Name, card)}");
        }
        return ExitCode.Ok;
    }

    /// <summary>An entry that nothing here knows is written as a catalogue of its own.</summary>
    private static string Keep(string zooFolder, string name, string card)
    {
        var folder = Directory.CreateDirectory(Path.Combine(zooFolder, "catalogues")).FullName;
        var path = Path.Combine(folder, $"{name}.json");
        using var file = new StreamWriter(path);
        file.Write($"{{ \"models\": [\n{card}\n] }}\n");
        return path;
    }
}
