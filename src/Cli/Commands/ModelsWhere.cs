using System.CommandLine;
using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal models where</c>: the folder of the models, or the path of one.</summary>
internal static class ModelsWhere
{
    public static Command Create(Screen screen)
    {
        var name = new Argument<string?>("name") { Description = "A name of 'anneal models list'.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("where", "Print the folder that holds the models, or the path of one model.") { name };
        var zoo = ZooArguments.AddTo(command);
        command.SetAction(parsed =>
        {
            screen.Line(Find(zoo.Open(parsed, screen), parsed.GetValue(name)));
            return ExitCode.Ok;
        });
        return command;
    }

    private static string Find(ModelZoo zoo, string? name)
    {
        if (name is null)
            return zoo.Cache.Root;
        var (card, file) = LocalModel.WithFile(zoo, name);
        return zoo.Cache.Find(file)
            ?? throw new AnnealException(file.IsEmbedded
                ? $"'{card.Name}' is inside this program and needs no file. 'anneal models download {card.Name}' makes one of it."
                : $"'{card.Name}' is not on this machine. 'anneal models download {card.Name}' fetches it.");
    }
}
