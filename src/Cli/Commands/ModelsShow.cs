using System.CommandLine;
using System.Globalization;
using Anneal.Zoo;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal models show</c>: all that is known of one model, and how sure each fact is.</summary>
internal sealed class ModelsShow(Screen screen)
{
    public static Command Create(Screen screen)
    {
        var name = new Argument<string>("name") { Description = "A name of 'anneal models list'." };
        var json = ModelsCommand.Json("One JSON object.");
        var command = new Command("show", "Show what is known of a model: file, preprocessing, accuracy, licence, and how sure each fact is.") { name, json };
        var zoo = ZooArguments.AddTo(command);
        command.SetAction(parsed => new ModelsShow(screen).Run(zoo.Open(parsed, screen), parsed.GetRequiredValue(name), parsed.GetValue(json)));
        return command;
    }

    private int Run(ModelZoo zoo, string name, bool asJson)
    {
        var card = zoo.Catalog.Get(name);
        var path = card.File is { } file ? zoo.Cache.Find(file) : null;
        if (asJson)
            screen.Line(CardJson.Line(card, path));
        else
            Show(card, path);
        return ExitCode.Ok;
    }

    private void Show(ModelCard card, string? path)
    {
        screen.Heading(card.Name);
        screen.Line("  " + Screen.Printable(card.Summary));
        if (card.Aliases.Count > 0)
            screen.Line("  also: " + string.Join(", ", card.Aliases));
        var facts = new Columns();
        AddFile(facts, card, path);
        AddModel(facts, card);
        foreach (var accuracy in card.Accuracy)
            facts.Add("accuracy", string.Create(CultureInfo.InvariantCulture, $"{accuracy.Dataset}: top-1 {accuracy.Top1} %{(accuracy.Top5 is { } top5 ? $", top-5 {top5.ToString(CultureInfo.InvariantCulture)} %" : "")} ({accuracy.Source})"));
        if (card.Licence is { } licence)
            facts.Add("licence", $"{licence.Id}, says {licence.AssertedBy}{(licence.Note is { } note ? $" ({note})" : "")}");
        facts.WriteTo(screen, 2);
        ShowEvidence(card);
    }

    private static void AddFile(Columns facts, ModelCard card, string? path)
    {
        if (card.File is not { } file)
        {
            facts.Add("file", "none: a convention, for --card");
            return;
        }
        facts.Add("weights", card.Weights == WeightsStatus.Unverified ? "unverified: refused without --allow-unverified" : "published");
        facts.Add("here", path ?? (file.IsEmbedded ? "inside this program" : "not on this machine"));
        facts.Add("sha256", $"sha256:{file.Sha256}");
        facts.Add("size", $"{Quantity.Bytes(file.SizeBytes)} ({Quantity.Count(file.SizeBytes)} bytes)");
        foreach (var source in file.Sources)
            facts.Add("source", source.ToString());
    }

    private static void AddModel(Columns facts, ModelCard card)
    {
        if (card.Opset is { } opset)
            facts.Add("opset", $"ai.onnx {opset}");
        if (card.Input is { } input)
            facts.Add("input", $"{input.Name} [{Extents(input)}]");
        if (card.Output is { } output)
            facts.Add("output", $"{output.Name} [{Extents(output)}]");
        facts.Add("answers", card.OutputKind == OutputKind.Logits ? "scores (softmax is taken)" : "probabilities");
        facts.Add("pictures", PreprocessingText.Of(card.Preprocessing));
        if (card.Labels is { } labels)
            facts.Add("labels", labels);
    }

    private void ShowEvidence(ModelCard card)
    {
        if (card.Evidence.Count == 0)
            return;
        screen.Heading("how sure");
        var columns = new Columns();
        foreach (var (fact, evidence) in card.Evidence)
            columns.Add(fact, evidence.Confidence.ToString().ToLowerInvariant(), evidence.Basis);
        columns.WriteTo(screen, 2);
    }

    private static string Extents(CardTensor tensor) => string.Join(',', tensor.Shape.Select(extent => extent < 0 ? "N" : extent.ToString(CultureInfo.InvariantCulture)));
}
