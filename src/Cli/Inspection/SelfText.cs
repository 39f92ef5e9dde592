using System.Globalization;
using Anneal.Zoo;

namespace Anneal.Cli.Inspection;

/// <summary>What a model file says of itself, for people.</summary>
internal static class SelfText
{
    private const int Names = 5;
    private const int LongestRecipe = 300;

    /// <summary>Writes a section, or nothing.</summary>
    public static void Write(ModelMetadata? facts, Screen screen)
    {
        if (facts is null)
            return;
        screen.Heading("says of itself");
        var columns = new Columns();
        if (facts.Card is { } card)
            Add(columns, card);
        if (facts.ClassNames is { } names)
            columns.Add("classes", $"{Quantity.Count(names.Count)}: {string.Join(", ", names.Take(Names))}{(names.Count > Names ? ", …" : "")}");
        if (facts.Lineage is { } lineage)
            Add(columns, lineage);
        if (facts.Golden is { } golden)
            columns.Add("golden", string.Create(CultureInfo.InvariantCulture, $"{Question(golden)}, {Quantity.Of(golden.Expected.Count, "number")} expected within {golden.Tolerance:g3}; 'anneal verify' compares"));
        columns.WriteTo(screen, 2);
    }

    private static void Add(Columns columns, ModelCard card)
    {
        columns.Add("name", card.Name);
        columns.Add("summary", card.Summary);
        columns.Add("pictures", PreprocessingText.Of(card.Preprocessing));
        columns.Add("answers", card.OutputKind == OutputKind.Logits ? "scores (softmax is taken)" : "probabilities");
        foreach (var accuracy in card.Accuracy)
            columns.Add("accuracy", string.Create(CultureInfo.InvariantCulture, $"{accuracy.Dataset}: top-1 {accuracy.Top1} % ({accuracy.Source})"));
        if (card.Licence is { } licence)
            columns.Add("licence", $"{licence.Id}, says {licence.AssertedBy}{(licence.Note is { } note ? $" ({note})" : "")}");
    }

    private static void Add(Columns columns, Lineage lineage)
    {
        if (lineage.Parent is not null || lineage.ParentSha256 is not null)
            columns.Add("parent", string.Join(", ", new[] { lineage.Parent, lineage.ParentSha256 is { } digest ? $"sha256:{digest}" : null }.OfType<string>()));
        if (lineage.DataSha256 is { } data)
            columns.Add("data", $"sha256:{data}");
        if (lineage.Recipe is { } recipe)
            columns.Add("recipe", recipe.Length <= LongestRecipe ? recipe : $"{recipe[..LongestRecipe]}…");
        if (lineage.Metrics.Count > 0)
            columns.Add("metrics", string.Join(", ", lineage.Metrics.Select(metric => string.Create(CultureInfo.InvariantCulture, $"{metric.Key} {metric.Value:0.####}"))));
        if (lineage.MadeBy is { } maker)
            columns.Add("made by", maker);
    }

    private static string Question(GoldenExample golden) => golden.Seed is { } seed ? $"numbers by formula, seed {seed}" : $"a picture of {Quantity.Bytes(golden.Picture.Length)}";
}
