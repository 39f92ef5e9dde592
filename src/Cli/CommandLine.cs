using System.CommandLine;
using System.CommandLine.Parsing;
using Anneal.Cli.Commands;

namespace Anneal.Cli;

/// <summary>The whole program behind its arguments: the grammar, one command, and every error as one line with an exit code.</summary>
internal static class CommandLine
{
    private static readonly ParserConfiguration Grammar = new()
    {
        EnablePosixBundling = false,
        // A photo may be called @home.jpg.
        ResponseFileTokenReplacer = null,
    };

    public static async Task<int> RunAsync(IReadOnlyList<string> args, Screen screen, CancellationToken cancellation)
    {
        try
        {
            var root = Root(screen);
            if (args.Count == 0)
                return Introduce(root, screen);
            var parsed = root.Parse(args, Grammar);
            if (UsageError(parsed) is { } error)
                return Refuse(screen, parsed, error);
            var code = await parsed.InvokeAsync(Invocation(screen), cancellation).ConfigureAwait(false);
            await screen.Out.FlushAsync(cancellation).ConfigureAwait(false);
            return code;
        }
        catch (Exception error)
        {
            return Failure.Explain(screen, error, cancellation);
        }
    }

    private static RootCommand Root(Screen screen)
    {
        var root = new RootCommand("Classify photos with pretrained ONNX models, teach them classes of your own, look inside models, and look after the local copies.")
        {
            QuickstartCommand.Create(screen),
            ClassifyCommand.Create(screen),
            FinetuneCommand.Create(screen),
            ModelsCommand.Create(screen),
            InspectCommand.Create(screen),
            VerifyCommand.Create(screen),
            OptimizeCommand.Create(screen),
            CompareCommand.Create(screen),
            ExportCommand.Create(screen),
            ConformanceCommand.Create(screen),
            DoctorCommand.Create(screen),
        };
        // [suggest] and its kind are for shells' completion scripts, which we do not ship.
        root.Directives.Clear();
        return root;
    }

    /// <summary>Nothing was asked: say what could be.</summary>
    private static int Introduce(RootCommand root, Screen screen)
    {
        root.Parse(["--help"], Grammar).Invoke(new InvocationConfiguration { Output = screen.Error });
        return ExitCode.Usage;
    }

    private static InvocationConfiguration Invocation(Screen screen) => new()
    {
        EnableDefaultExceptionHandler = false,
        // Signals are the program's own affair: see Interruption.
        ProcessTerminationTimeout = null,
        Output = screen.Out,
        Error = screen.Error,
    };

    private static string? UsageError(ParseResult parsed)
    {
        if (parsed.Action is { ClearsParseErrors: true })
            return null;
        return StrayOption(parsed) ?? UnknownCommand(parsed) ?? EmptyValue(parsed) ?? (parsed.Errors.Count == 0 ? null : parsed.Errors[0].Message);
    }

    /// <summary>A mistyped option must not pass for the name of a photo: what starts with a dash and stands before <c>--</c> is no argument.</summary>
    private static string? StrayOption(ParseResult parsed)
    {
        var values = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).ToList();
        var stray = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)
            .FirstOrDefault(token => token.Value is ['-', _, ..] && values.Exists(value => ReferenceEquals(value, token)))?.Value
            ?? parsed.UnmatchedTokens.FirstOrDefault(token => token is ['-', _, ..]);
        return stray is null
            ? null
            : $"'{stray}' is no option of '{NameOf(parsed.CommandResult)}'.{Suggestion.For(stray, OptionsOf(parsed.CommandResult))}";
    }

    private static string? UnknownCommand(ParseResult parsed)
    {
        var commands = parsed.CommandResult.Command.Subcommands;
        if (commands.Count == 0)
            return null;
        var names = commands.Select(command => command.Name).ToList();
        return parsed.UnmatchedTokens is [var typed, ..]
            ? $"'{typed}' is no command of '{NameOf(parsed.CommandResult)}'.{Suggestion.For(typed, names)}"
            : $"'{NameOf(parsed.CommandResult)}' needs a command: {string.Join(", ", names)}.";
    }

    /// <summary>An unset variable of a script becomes an empty argument; the libraries would see a bug of ours in it.</summary>
    private static string? EmptyValue(ParseResult parsed) => parsed.CommandResult.Children
        .Where(child => child is OptionResult or ArgumentResult { Argument.Arity.MaximumNumberOfValues: 1 })
        .Where(child => child.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
        .Select(child => $"{(child is OptionResult option ? option.Option.Name : $"<{((ArgumentResult)child).Argument.Name}>")} is given an empty value.")
        .FirstOrDefault();

    private static int Refuse(Screen screen, ParseResult parsed, string error)
    {
        screen.Notice($"{error} Run '{NameOf(parsed.CommandResult)} --help' for what it takes.");
        return ExitCode.Usage;
    }

    private static IEnumerable<string> OptionsOf(CommandResult command) => command.Command.Options.Select(option => option.Name);

    private static string NameOf(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{NameOf(parent)} {command.Command.Name}" : "anneal";
}
