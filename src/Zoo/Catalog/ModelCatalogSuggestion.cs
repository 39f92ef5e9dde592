namespace Anneal.Zoo;

/// <summary>"Did you mean": the names nearest to one that a catalogue does not have, and those of the same family.</summary>
internal static class ModelCatalogSuggestion
{
    private const int MostNear = 3;
    private const int MostRelatives = 8;

    /// <summary>A sentence or two that help to find the right name.</summary>
    public static string For(string wanted, ModelCatalog catalog)
    {
        var near = Near(wanted, catalog);
        var relatives = catalog.Cards.Select(card => card.Name).Where(name => Family(name).Length > 1 && Family(name) == Family(wanted) && !near.Contains(name))
            .Take(MostRelatives).ToList();
        var sentences = new List<string>();
        if (near.Count > 0)
            sentences.Add($"Did you mean {string.Join(" or ", near.Select(name => $"'{name}'"))}?");
        if (relatives.Count > 0)
            sentences.Add($"Of the same family: {string.Join(", ", relatives)}.");
        if (sentences.Count == 0)
            sentences.Add($"It has {catalog.Cards.Count} entries, such as {string.Join(", ", catalog.Cards.Take(MostNear).Select(card => card.Name))}.");
        return string.Join(' ', sentences);
    }

    private static List<string> Near(string wanted, ModelCatalog catalog)
    {
        var plain = Plain(wanted);
        var reach = Math.Max(1, plain.Length / 4);
        return [.. catalog.Cards.SelectMany(card => card.Aliases.Prepend(card.Name).Select(name => (card.Name, Distance: EditDistance.Between(plain, Plain(name)))))
            .Where(candidate => candidate.Distance <= reach)
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Name).Distinct().Take(MostNear)];
    }

    /// <summary>The letters a name begins with: <c>resnet</c> of <c>ResNet-101</c>.</summary>
    private static string Family(string name) => string.Concat(name.ToLowerInvariant().TakeWhile(char.IsAsciiLetter));

    /// <summary>Case, dashes, dots and underscores are what people vary most; they cost nothing.</summary>
    private static string Plain(string name) => string.Concat(name.ToLowerInvariant().Where(char.IsLetterOrDigit));
}
