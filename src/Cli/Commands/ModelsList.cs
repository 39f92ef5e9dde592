using System.CommandLine;
using System.Globalization;
using Anneal.Zoo;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal models list</c>: the catalogue, and which of it is on this machine.</summary>
internal sealed class ModelsList(Screen screen)
{
    public static Command Create(Screen screen)
    {
        var json = ModelsCommand.Json("One JSON object a line for each model.");
        var local = new Option<bool>("--local") { Description = "Only what is on this machine." };
        var command = new Command("list", "List the models that can be loaded by name; * marks those that are on this machine.") { local, json };
        var zoo = ZooArguments.AddTo(command);
        command.SetAction(parsed => new ModelsList(screen).Run(zoo.Open(parsed, screen), parsed.GetValue(local), parsed.GetValue(json)));
        return command;
    }

    private int Run(ModelZoo zoo, bool onlyLocal, bool asJson)
    {
        var models = zoo.Catalog.Cards.OrderBy(card => card.Name, StringComparer.Ordinal)
            .Select(card => (Card: card, Path: card.File is { } file ? zoo.Cache.Find(file) : null))
            .Where(model => !onlyLocal || IsHere(model.Card, model.Path)).ToList();
        if (asJson)
            models.ForEach(model => screen.Line(CardJson.Line(model.Card, model.Path)));
        else
            Show(models, zoo, onlyLocal);
        return ExitCode.Ok;
    }

    private void Show(List<(ModelCard Card, string? Path)> models, ModelZoo zoo, bool onlyLocal)
    {
        var columns = new Columns();
        foreach (var (card, path) in models.Where(model => model.Card.File is not null))
            columns.Add(IsHere(card, path) ? "*" : " ", card.Name, Quantity.Bytes(card.File!.SizeBytes), TopOne(card), Remark(card));
        columns.WriteTo(screen);
        ShowConventions(models, onlyLocal);
        ShowStrangers(zoo);
        if (columns.IsEmpty && onlyLocal)
            screen.Line("No model of the catalogue is on this machine yet. 'anneal models download NAME' fetches one.");
    }

    /// <summary>Cards without a file: conventions to be named with --card.</summary>
    private void ShowConventions(List<(ModelCard Card, string? Path)> models, bool onlyLocal)
    {
        var columns = new Columns();
        foreach (var (card, _) in models.Where(model => model.Card.File is null && !onlyLocal))
            columns.Add(card.Name, card.Summary);
        if (columns.IsEmpty)
            return;
        screen.Line();
        screen.Heading("Conventions for models of your own (--card NAME):");
        columns.WriteTo(screen, 2);
    }

    /// <summary>Files in the cache that no card of these catalogues stands for.</summary>
    private void ShowStrangers(ModelZoo zoo)
    {
        var known = zoo.Catalog.Cards.Select(card => card.File?.Sha256).ToHashSet();
        var columns = new Columns();
        foreach (var file in zoo.Cache.List().Where(file => !known.Contains(file.Sha256)))
            columns.Add("*", string.Join(", ", file.Names), Quantity.Bytes(file.SizeBytes), file.Sha256[..12]);
        if (columns.IsEmpty)
            return;
        screen.Line();
        screen.Heading("On this machine, in no catalogue:");
        columns.WriteTo(screen);
    }

    private static bool IsHere(ModelCard card, string? path) => path is not null || card.File is { IsEmbedded: true };

    private static string TopOne(ModelCard card) => card.Accuracy is [var first, ..]
        ? string.Create(CultureInfo.InvariantCulture, $"{first.Top1:0.0} %")
        : "-";

    private static string Remark(ModelCard card) =>
        card.Weights == WeightsStatus.Unverified ? card.Summary + " (weights unverified)" : card.Summary;
}
