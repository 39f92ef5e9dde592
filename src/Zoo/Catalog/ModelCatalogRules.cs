namespace Anneal.Zoo;

/// <summary>What must hold between the facts of a card, and between cards, beyond their shape.</summary>
internal static class ModelCatalogRules
{
    private const int LargestSide = 65_535;

    /// <summary>The facts that <see cref="ModelCard.Evidence"/> may speak of.</summary>
    public static readonly IReadOnlyList<string> Facts =
        ["file", "sources", "opset", "input", "output", "outputKind", "preprocessing", "labels", "accuracy", "licence", "weights"];

    /// <summary>Throws for the first rule that a card breaks.</summary>
    public static void Check(ModelCatalogText text, ModelCard card, string path)
    {
        foreach (var broken in Names(card).Concat(File(card)).Concat(Preprocessing(card.Preprocessing)).Concat(Tensors(card)).Concat(Claims(card)))
            throw text.Error(ModelCatalogText.Join(path, broken.Member), broken.Expected, broken.Found);
    }

    /// <summary>Throws when two entries of a catalogue share a name.</summary>
    public static void CheckNames(ModelCatalogText text, IReadOnlyList<ModelCard> cards)
    {
        var owners = new Dictionary<string, ModelCard>();
        foreach (var (index, card) in cards.Index())
            foreach (var name in card.Aliases.Prepend(card.Name))
                if (!owners.TryAdd(name, card))
                    throw text.Error($"models[{index}]", $"names that no other entry has", $"\"{name}\", which entry '{owners[name].Name}' has already");
    }

    private static IEnumerable<Broken> Names(ModelCard card)
    {
        const string expected = "lower-case letters, digits, dots and dashes, beginning with a letter or digit, at most 100";
        if (!IsName(card.Name))
            yield return new("name", expected, Quote(card.Name));
        foreach (var (index, alias) in card.Aliases.Index())
            if (!IsName(alias))
                yield return new($"aliases[{index}]", expected, Quote(alias));
    }

    private static IEnumerable<Broken> File(ModelCard card)
    {
        if (card.File is null && card.Weights is { } status)
            yield return new("weights", "no such member, as this card has no file", Quote(status.ToString().ToLowerInvariant()));
        if (card.File is not { } file)
            yield break;
        if (card.Weights is null)
            yield return new("weights", "\"published\" or \"unverified\" for a card with a file", "nothing: this member is missing");
        if (file.Sha256.Length != 64 || !file.Sha256.All(char.IsAsciiHexDigitLower))
            yield return new("file.sha256", "64 lower-case hexadecimal digits", $"{Quote(file.Sha256)} ({file.Sha256.Length} characters)");
        if (file.SizeBytes <= 0)
            yield return new("file.sizeBytes", "the file's length, above zero", $"{file.SizeBytes}");
        if (file.Sources.Count == 0)
            yield return new("file.sources", "at least one address", "none");
        if (file.Sources.Distinct().Count() != file.Sources.Count)
            yield return new("file.sources", "each address once", "one of them twice");
        if (card.Opset is <= 0)
            yield return new("opset", "a version from 1", $"{card.Opset}");
    }

    private static IEnumerable<Broken> Preprocessing(Preprocessing steps)
    {
        var channels = Channels(steps);
        if (steps.Divide <= 0)
            yield return new("preprocessing.divide", "a number above zero", $"{steps.Divide}");
        if (steps.Mean is { } mean && mean.Count != channels)
            yield return new("preprocessing.mean", $"{channels} numbers, one for each channel of {Color(steps)}", $"{mean.Count}");
        if (steps.Std is { } std && std.Count != channels)
            yield return new("preprocessing.std", $"{channels} numbers, one for each channel of {Color(steps)}", $"{std.Count}");
        if (steps.Std is { } divisors && divisors.Any(value => value <= 0))
            yield return new("preprocessing.std", "numbers above zero", $"[{string.Join(", ", divisors)}]");
        if (steps.Resize is { } resize)
        {
            if (!IsSide(resize.Height) || !IsSide(resize.Width))
                yield return new("preprocessing.resize", $"sides of 1 to {LargestSide} pixels", $"{resize.Height}x{resize.Width}");
            if (resize.Mode is ResizeMode.ShorterSide && resize.Height != resize.Width)
                yield return new("preprocessing.resize", "the same height and width for the mode \"shorter-side\"", $"{resize.Height}x{resize.Width}");
        }
        if (steps.Crop is { } crop)
        {
            if (!IsSide(crop.Height) || !IsSide(crop.Width))
                yield return new("preprocessing.crop", $"sides of 1 to {LargestSide} pixels", $"{crop.Height}x{crop.Width}");
            if (steps.Resize is { } from && (crop.Height > from.Height || crop.Width > from.Width))
                yield return new("preprocessing.crop", $"no more than the resize leaves, {from.Height}x{from.Width}", $"{crop.Height}x{crop.Width}");
        }
        else if (steps.Resize is { Mode: ResizeMode.ShorterSide })
            yield return new("preprocessing.crop", "a size, because the mode \"shorter-side\" leaves pictures of different shapes", "nothing: this member is missing");
    }

    private static IEnumerable<Broken> Tensors(ModelCard card)
    {
        foreach (var (member, tensor) in new[] { ("input", card.Input), ("output", card.Output) })
            if (tensor is not null && (tensor.Shape.Count == 0 || tensor.Shape.Any(extent => extent is 0 or < -1)))
                yield return new($"{member}.shape", "extents above zero, or -1 for an open one", Show(tensor));
        if (card.Output is { Shape.Count: < 2 } output)
            yield return new("output.shape", "[N,classes], or more axes of extent 1 after them", Show(output));
        if (card.Input is not { } input)
            yield break;
        if (input.Shape.Count != 4)
        {
            yield return new("input.shape", "four extents, as the layout has", Show(input));
            yield break;
        }
        var wanted = PictureShape(card.Preprocessing);
        for (var axis = 1; axis < 4; axis++)
            if (input.Shape[axis] >= 0 && wanted[axis] >= 0 && input.Shape[axis] != wanted[axis])
                yield return new("input.shape", $"[{string.Join(", ", wanted)}], which preprocessing makes (-1 fits anything)", Show(input));
    }

    private static IEnumerable<Broken> Claims(ModelCard card)
    {
        if (card.ClassNames is { Count: 0 })
            yield return new("classNames", "at least one name", "none");
        if (card is { ClassNames: not null, Labels: not null })
            yield return new("classNames", "no such member beside 'labels'", "both");
        foreach (var (index, accuracy) in card.Accuracy.Index())
        {
            if (accuracy.Top1 is <= 0 or > 100)
                yield return new($"accuracy[{index}].top1", "a percentage above 0, at most 100", $"{accuracy.Top1}");
            if (accuracy.Top5 is { } top5 && (top5 < accuracy.Top1 || top5 > 100))
                yield return new($"accuracy[{index}].top5", "a percentage from top1 to 100", $"{top5}");
        }
        foreach (var fact in card.Evidence.Keys)
            if (!Facts.Contains(fact))
                yield return new($"evidence.{fact}", $"one of the facts {string.Join(", ", Facts)}", "this unknown one");
    }

    /// <summary>The shape that preprocessing writes, -1 where it depends on the picture.</summary>
    private static long[] PictureShape(Preprocessing steps)
    {
        var height = steps.Crop?.Height ?? steps.Resize?.Height ?? -1;
        var width = steps.Crop?.Width ?? steps.Resize?.Width ?? -1;
        return steps.Layout is TensorLayout.Nchw ? [-1, Channels(steps), height, width] : [-1, height, width, Channels(steps)];
    }

    private static int Channels(Preprocessing steps) => steps.Color is ColorOrder.Gray ? 1 : 3;

    private static string Color(Preprocessing steps) => steps.Color.ToString().ToLowerInvariant();

    private static bool IsSide(int pixels) => pixels is >= 1 and <= LargestSide;

    private static bool IsName(string name) =>
        name.Length <= 100 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-') && char.IsAsciiLetterOrDigit(name[0]);

    private static string Quote(string text) => $"\"{text}\"";

    private static string Show(CardTensor tensor) => $"[{string.Join(", ", tensor.Shape)}]";

    private sealed record Broken(string Member, string Expected, string Found);
}
