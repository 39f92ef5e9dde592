using System.CommandLine;
using Anneal.Zoo;

namespace Anneal.Cli;

/// <summary>The options that every command with a model shares: which catalogues, and whether the network may be used.</summary>
internal sealed class ZooArguments
{
    private readonly Option<string[]> _catalogues = new("--catalogue")
    {
        Description = "A catalogue file of your own, laid over the built-in one; may be given more than once, later entries win.",
        HelpName = "FILE",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<bool> _offline = new("--offline")
    {
        Description = "Use no network: fail at once, naming what is missing.",
    };

    /// <summary>Adds the options to a command.</summary>
    public static ZooArguments AddTo(Command command)
    {
        var arguments = new ZooArguments();
        command.Options.Add(arguments._catalogues);
        command.Options.Add(arguments._offline);
        return arguments;
    }

    /// <summary>The zoo that the arguments describe; downloads are shown on the screen.</summary>
    public ModelZoo Open(ParseResult parsed, Screen screen) => new(new ZooOptions
    {
        Catalogues = parsed.GetRequiredValue(_catalogues),
        Download = new DownloadOptions
        {
            Offline = parsed.GetValue(_offline),
            Progress = DownloadDisplay.On(screen),
        },
    });
}
