using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Zoo;

namespace Anneal.Training.Export;

/// <summary>Completes what a file says of itself, now that it can be asked.</summary>
/// <param name="session">The file without its description.</param>
/// <param name="options">What was asked for.</param>
/// <param name="steps">What was done.</param>
internal sealed class SelfDescription(IModelSession session, ExportOptions options, ExportSteps steps)
{
    private const ulong Seed = 0;

    public ModelMetadata Complete(ModelMetadata metadata, CancellationToken cancellation)
    {
        var card = steps.HasNewSoftmax && metadata.Card is { } scores ? scores with { OutputKind = OutputKind.Probabilities } : metadata.Card;
        return metadata with { Card = card, Golden = Golden(metadata.Golden, card, cancellation) };
    }

    private GoldenExample? Golden(GoldenExample? given, ModelCard? card, CancellationToken cancellation)
    {
        if (!options.GoldenPicture.IsEmpty)
            return Ask(options.GoldenPicture, card, cancellation);
        if (given is null)
            return TryFormula(card, cancellation);
        if (!steps.HasNewSoftmax && !options.Float16Weights)
            return given;
        return given.Seed is { } seed ? GoldenExample.Create(session, card, seed, cancellation: cancellation) : Ask(given.Picture, card, cancellation);
    }

    private GoldenExample Ask(ReadOnlyMemory<byte> picture, ModelCard? card, CancellationToken cancellation) => card is not null
        ? GoldenExample.Create(session, card, picture, cancellation: cancellation)
        : throw new AnnealException("A golden picture needs a card that says how pictures are prepared.");

    /// <summary>Nobody asked for an example by name, so that a model that has none is no error.</summary>
    private GoldenExample? TryFormula(ModelCard? card, CancellationToken cancellation)
    {
        try
        {
            return GoldenExample.Create(session, card, Seed, cancellation: cancellation);
        }
        catch (AnnealException e)
        {
            steps.Notices.Add($"The file carries no golden example: {e.Message}");
            return null;
        }
    }
}
