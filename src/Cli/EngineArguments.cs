using System.CommandLine;
using Anneal.Onnx;
using Anneal.Zoo;
using Anneal.Zoo.Images;

namespace Anneal.Cli;

/// <summary>The options of a command that classifies: which engine and card, and what pictures and files are accepted.</summary>
internal sealed class EngineArguments
{
    private readonly EngineChoice _choice;

    private readonly Option<string> _card = new("--card")
    {
        Description = "How pictures are prepared and classes are called, for a model file that does not say it itself, or in place of what it says: a catalogue entry or a card file.",
        HelpName = "NAME|FILE",
    };

    private readonly Option<string?> _sha256 = new("--sha256")
    {
        Description = "The SHA-256 that a model file or address must have; an address is not fetched without.",
        HelpName = "HEX",
    };

    private readonly Option<long> _maxPixels = new("--max-pixels")
    {
        Description = "The most pixels a picture may have.",
        HelpName = "N",
        DefaultValueFactory = _ => ImageLimits.Default.MaxPixels,
    };

    private readonly Option<bool> _allowUnverified = new("--allow-unverified")
    {
        Description = "Load a model although its weights are not known to be trained ones.",
    };

    private EngineArguments(Command command)
    {
        Ranges.Require(_maxPixels, 1, long.MaxValue);
        command.Options.Add(_card);
        _choice = EngineChoice.AddTo(command);
        command.Options.Add(_maxPixels);
        command.Options.Add(_sha256);
        command.Options.Add(_allowUnverified);
    }

    /// <summary>Adds the options to a command.</summary>
    public static EngineArguments AddTo(Command command) => new(command);

    /// <summary>Loads the model that the arguments describe.</summary>
    /// <exception cref="AnnealException">The model, its card, its engine or its device cannot be had.</exception>
    public async Task<Classifier> LoadAsync(ParseResult parsed, ModelZoo zoo, string model, CancellationToken cancellation)
    {
        var options = Read(parsed, zoo);
        try
        {
            return await zoo.LoadAsync(model, options, cancellation).ConfigureAwait(false);
        }
        catch (AnnealException error) when (error.GetType() == typeof(AnnealException) && Advice(zoo, model, options) is { } advice)
        {
            throw new AnnealException($"{error.Message} {advice}", error);
        }
    }

    private LoadOptions Read(ParseResult parsed, ModelZoo zoo) => new()
    {
        Engine = _choice.Engine(parsed),
        Card = parsed.GetValue(_card) is { } card ? Card(card, zoo) : null,
        Sha256 = parsed.GetValue(_sha256),
        Limits = ImageLimits.Default with { MaxPixels = parsed.GetValue(_maxPixels) },
        AllowUnverified = parsed.GetValue(_allowUnverified),
        Session = _choice.Session(parsed),
    };

    /// <summary>The library speaks of options of its own; this is what they are called here.</summary>
    private static string? Advice(ModelZoo zoo, string model, LoadOptions options)
    {
        if (options.Card is null && File.Exists(model))
            return $"That is --card FILE, or --card NAME with the name of a similar model or of a convention: {Conventions(zoo)}.";
        if (options.Sha256 is null && model.Contains("://", StringComparison.Ordinal))
            return "That is --sha256 HEX.";
        return !options.AllowUnverified && zoo.Catalog.TryGet(model, out var card) && card.Weights == WeightsStatus.Unverified
            ? $"That is --allow-unverified; 'anneal models verify {card.Name} --photo FILE' is such a check."
            : null;
    }

    private static string Conventions(ModelZoo zoo) => string.Join(", ", zoo.Catalog.Cards.Where(card => card.File is null).Select(card => card.Name));

    /// <summary>A catalogue entry, or a card file.</summary>
    public static ModelCard Card(string card, ModelZoo zoo) =>
        File.Exists(card) || card.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? ModelCard.Load(card) : zoo.Catalog.Get(card);
}
