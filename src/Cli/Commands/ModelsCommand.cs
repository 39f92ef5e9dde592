using System.CommandLine;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal models</c>: what there is, what is here, and looking after it.</summary>
internal static class ModelsCommand
{
    public static Command Create(Screen screen) => new("models", "List, fetch, check, move and remove models.")
    {
        ModelsList.Create(screen),
        ModelsShow.Create(screen),
        ModelsDownload.Create(screen),
        ModelsVerify.Create(screen),
        ModelsRemove.Create(screen),
        ModelsWhere.Create(screen),
        ModelsBundle.Create(screen),
        ModelsImport.Create(screen),
    };

    /// <summary>The argument of the commands that take names of the catalogue.</summary>
    public static Argument<string[]> Names(ArgumentArity arity) => new("names")
    {
        Description = "Names of 'anneal models list'.",
        Arity = arity,
    };

    /// <summary>The option of the commands that also speak to programs.</summary>
    public static Option<bool> Json(string description) => new("--json") { Description = description };
}
