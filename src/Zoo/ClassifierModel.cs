using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Zoo.Images;

namespace Anneal.Zoo;

/// <summary>A session and a card that have been checked against each other: what the parts of a classifier share.</summary>
internal sealed class ClassifierModel
{
    public ClassifierModel(IModelSession session, ModelCard card, ImageLimits? limits)
    {
        (Session, Card) = (session, card);
        Input = OnlyInput();
        Preprocessor = PreprocessorFor(card.Preprocessing, limits);
        Pictures = new(Preprocessor);
        Output = ScoreOutput();
        FixedBatch = Input.Shape[0] > 0 ? (int)Input.Shape[0] : null;
        Labels = card.LoadLabels();
        CheckInputSize();
        if (Labels is not null && Classes is { } classes && classes != Labels.Count)
            throw new AnnealException($"{Session} answers {classes} classes and the card '{card.Name}' names {Labels.Count}: this card belongs to another model.");
    }

    public IModelSession Session { get; }

    public ModelCard Card { get; }

    public Preprocessor Preprocessor { get; }

    public PictureReader Pictures { get; }

    public Labels? Labels { get; }

    public TensorInfo Input { get; }

    public TensorInfo Output { get; }

    /// <summary>The number of pictures the file insists on, or null when it takes any number.</summary>
    public int? FixedBatch { get; }

    /// <summary>How many classes the output has, or null when the file leaves that open.</summary>
    public int? Classes => Output.Shape.Skip(1).All(extent => extent > 0) ? (int)Output.Shape.Skip(1).Aggregate(1L, (a, b) => a * b) : null;

    /// <summary>[N,C,H,W] or [N,H,W,C] for so many pictures.</summary>
    public long[] InputShape(int pictures) => Card.Preprocessing.Layout == TensorLayout.Nchw
        ? [pictures, Preprocessor.Channels, Preprocessor.Height, Preprocessor.Width]
        : [pictures, Preprocessor.Height, Preprocessor.Width, Preprocessor.Channels];

    /// <summary>The input's own size decides; where the file leaves it open, the card's steps do.</summary>
    private Preprocessor PreprocessorFor(Preprocessing steps, ImageLimits? limits)
    {
        var (height, width) = steps.Layout == TensorLayout.Nchw ? (Input.Shape[2], Input.Shape[3]) : (Input.Shape[1], Input.Shape[2]);
        try
        {
            return height > 0 && width > 0 ? new(steps, checked((int)height), checked((int)width), limits) : new(steps, limits);
        }
        catch (AnnealException e)
        {
            throw new AnnealException($"{Subject} and the card '{Card.Name}' belongs to another model: {e.Message}", e);
        }
    }

    private TensorInfo OnlyInput()
    {
        // Old files list their weights among the inputs; the session knows which of them a caller must feed.
        if (Session.Inputs is not [var input])
            throw new AnnealException($"{Session} asks for {Session.Inputs.Count} inputs ({string.Join(", ", Session.Inputs.Select(i => i.Name))}); a classifier of pictures has one.");
        if (input.DType != DType.Float32 || input.Shape.Count != 4)
            throw new AnnealException($"{Session}: input '{input.Name}' is {input.DType} [{Extents(input)}]; expected Float32 with four extents, pictures × channels × height × width in some order.");
        return input;
    }

    /// <summary>The only output; where there are several, the card must name the one with the scores.</summary>
    private TensorInfo ScoreOutput()
    {
        var wanted = Card.Output?.Name;
        var output = Session.Outputs is [var only] ? only : Session.Outputs.FirstOrDefault(o => o.Name == wanted)
            ?? throw new AnnealException($"{Session} has the outputs {string.Join(", ", Session.Outputs.Select(o => $"'{o.Name}'"))}; its card names {(wanted is null ? "none of them" : $"'{wanted}'")}. Name the one with the scores in the card's \"output\".");
        return output.DType == DType.Float32
            ? output
            : throw new AnnealException($"{Session}: output '{output.Name}' is {output.DType}; scores are expected as Float32.");
    }

    private void CheckInputSize()
    {
        var given = InputShape(1);
        for (var axis = 1; axis < 4; axis++)
            if (Input.Shape[axis] > 0 && Input.Shape[axis] != given[axis])
                throw new AnnealException($"{Subject} and the preprocessing of the card '{Card.Name}' makes [N,{string.Join(',', given.Skip(1))}]: this card belongs to another model.");
    }

    private string Subject => $"{Session}: input '{Input.Name}' is [{Extents(Input)}],";

    private static string Extents(TensorInfo tensor) => string.Join(',', tensor.Shape.Select(extent => extent > 0 ? $"{extent}" : "?"));
}
