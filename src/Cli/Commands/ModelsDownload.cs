using System.CommandLine;
using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal models download</c>: fetches and verifies, so that later commands need no network.</summary>
internal sealed class ModelsDownload(Screen screen)
{
    public static Command Create(Screen screen)
    {
        var names = ModelsCommand.Names(ArgumentArity.OneOrMore);
        var command = new Command("download", "Fetch models and check them; what is already here is not fetched again.") { names };
        var zoo = ZooArguments.AddTo(command);
        command.SetAction((parsed, cancellation) => new ModelsDownload(screen).RunAsync(zoo.Open(parsed, screen), parsed.GetRequiredValue(names), cancellation));
        return command;
    }

    /// <summary>Names are looked up before anything is fetched: a typing error should not show after an hour.</summary>
    private async Task<int> RunAsync(ModelZoo zoo, string[] names, CancellationToken cancellation)
    {
        var files = names.Select(name => LocalModel.WithFile(zoo, name)).ToList();
        var code = ExitCode.Ok;
        foreach (var (card, file) in files)
        {
            try
            {
                var path = await zoo.Cache.GetAsync(file, card.Name, cancellation).ConfigureAwait(false);
                screen.Line($"{card.Name}: {path}");
                if (card.Weights == WeightsStatus.Unverified)
                    screen.Notice($"The weights of '{card.Name}' are not known to be trained ones. 'anneal models verify {card.Name} --photo FILE' shows what it answers.");
            }
            catch (AnnealException error)
            {
                screen.Notice(error.Message);
                code = ExitCode.NoModel;
            }
        }
        return code;
    }
}
