using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Zoo;

namespace Anneal.Cli.Comparison;

/// <summary>Runs two sides on the same pictures: each is read once and goes through both.</summary>
internal sealed class PictureComparison
{
    // Enough that a network works at full speed, few enough for the memory of a small machine.
    private const int BatchSize = 16;

    private readonly ClassifierModel _first;
    private readonly ClassifierModel _second;
    private readonly int _top;
    private readonly float[] _slots;

    private PictureComparison(ClassifierModel first, ClassifierModel second, int top)
    {
        (_first, _second, _top) = (first, second, top);
        _slots = new float[first.Preprocessor.SlotLength * (first.FixedBatch ?? BatchSize)];
    }

    /// <param name="first">The side that is taken to be right.</param>
    /// <param name="second">The side that is judged.</param>
    /// <param name="given">How pictures are prepared; null for what the first side's file says of itself.</param>
    /// <param name="pictures">The pictures.</param>
    /// <param name="top">How many best classes are compared.</param>
    /// <param name="cancellation">Ends the work early.</param>
    /// <exception cref="AnnealException">Nothing says how pictures are prepared, or a side cannot be run.</exception>
    public static OutputComparison Run(Side first, Side second, ModelCard? given, IReadOnlyList<Input> pictures, int top, CancellationToken cancellation)
    {
        using var a = first.Open();
        using var b = second.Open();
        var card = given ?? ModelMetadata.Read(a.Metadata, first.Name)?.Card
            ?? throw new AnnealException($"{first.Name} does not say how its pictures are prepared. That is --card FILE, or --card NAME with the name of a similar model; without --images seeded numbers are compared.");
        SeededComparison.RequireSameOutputs(a, b);
        var comparison = new PictureComparison(new(a, card, null), new(b, card, null), top);
        var result = new OutputComparison
        {
            Devices = (a.Device, b.Device),
            SameBest = 0,
            SameTop = 0,
            Failures = [.. pictures.Select(picture => picture.Error).OfType<string>()],
        };
        var batch = comparison._first.FixedBatch ?? BatchSize;
        return pictures.Where(picture => picture.Error is null).Select(picture => picture.File).Chunk(batch)
            .Aggregate(result, (sum, files) => comparison.Add(sum, files, cancellation));
    }

    private OutputComparison Add(OutputComparison sum, string[] files, CancellationToken cancellation)
    {
        var errors = Read(files);
        string[] read = [.. files.Where((_, slot) => errors[slot] is null)];
        sum = sum with { Failures = [.. sum.Failures, .. errors.OfType<string>()] };
        if (read.Length == 0)
            return sum;
        CloseGaps(errors);
        var fed = _first.FixedBatch ?? read.Length;
        NamedTensor[] inputs = [NamedTensor.Create(_first.Input.Name, _slots.AsMemory(0, fed * SlotLength), _first.InputShape(fed))];
        var (expected, found) = (_first.Session.Run(inputs, cancellation), _second.Session.Run(Renamed(inputs), cancellation));
        return Count(Differ(sum, read, expected, found), read.Length, Scores(expected), Scores(found)) with { Sample = sum.Sample is [] ? Sample() : sum.Sample };
    }

    private int SlotLength => _first.Preprocessor.SlotLength;

    /// <summary>Gives what went wrong with each file, null where nothing did.</summary>
    private string?[] Read(string[] files)
    {
        var errors = new string?[files.Length];
        for (var slot = 0; slot < files.Length; slot++)
            errors[slot] = Read(files[slot], _slots.AsSpan(slot * SlotLength, SlotLength));
        return errors;
    }

    private string? Read(string file, Span<float> slot)
    {
        try
        {
            _first.Pictures.Read(file, slot);
            return null;
        }
        catch (AnnealException error)
        {
            return error.Message;
        }
    }

    /// <summary>Moves readable pictures together, and blackens what a fixed batch has beyond them.</summary>
    private void CloseGaps(string?[] errors)
    {
        var readable = 0;
        for (var slot = 0; slot < errors.Length; slot++)
            if (errors[slot] is null)
                _slots.AsSpan(slot * SlotLength, SlotLength).CopyTo(_slots.AsSpan(readable++ * SlotLength));
        _slots.AsSpan(readable * SlotLength).Clear();
    }

    private NamedTensor[] Renamed(NamedTensor[] inputs) => [.. inputs.Select(input => NamedTensor.Create(_second.Input.Name, input.As<float>(), input.Shape))];

    /// <summary>Each picture's row on its own, so that the picture can be named on which the sides differ most.</summary>
    private static OutputComparison Differ(OutputComparison sum, string[] files, IReadOnlyList<NamedTensor> expected, IReadOnlyList<NamedTensor> found)
    {
        foreach (var (a, b) in expected.Zip(found))
            if (!IsBatch(a) || a.DType != b.DType || !a.Shape.SequenceEqual(b.Shape))
                sum = sum.With([a], [b], files[0]);
            else
                for (var i = 0; i < files.Length; i++)
                    sum = sum.With([Row(a, i)], [Row(b, i)], files[i]);
        return sum;
    }

    private static bool IsBatch(NamedTensor tensor) => tensor.DType == DType.Float32 && tensor.Shape.Length > 1 && tensor.Shape[0] > 0;

    private static NamedTensor Row(NamedTensor tensor, int index)
    {
        var length = tensor.As<float>().Length / (int)tensor.Shape[0];
        return NamedTensor.Create(tensor.Name, tensor.As<float>().Slice(index * length, length), [1, .. tensor.Shape[1..]]);
    }

    private NamedTensor Scores(IReadOnlyList<NamedTensor> outputs) => outputs.Single(output => output.Name == _first.Output.Name);

    private OutputComparison Count(OutputComparison sum, int pictures, NamedTensor expected, NamedTensor found)
    {
        var (best, all) = (0, 0);
        for (var i = 0; i < pictures; i++)
        {
            var (a, b) = (Best(expected, i), Best(found, i));
            best += a[0] == b[0] ? 1 : 0;
            all += a.SequenceEqual(b) ? 1 : 0;
        }
        return sum with { Inputs = sum.Inputs + pictures, SameBest = sum.SameBest + best, SameTop = sum.SameTop + all, Top = Best(expected, 0).Length };
    }

    private int[] Best(NamedTensor scores, int picture) =>
        [.. Zoo.Scores.Best(Row(scores, picture).As<float>().Span, _first.Card.OutputKind, _top, null).Select(prediction => prediction.Index)];

    /// <summary>The first picture of a batch on its own, where the model takes one.</summary>
    private NamedTensor[] Sample()
    {
        var pictures = _first.FixedBatch ?? 1;
        return [NamedTensor.Create(_first.Input.Name, _slots[..(pictures * SlotLength)], _first.InputShape(pictures))];
    }
}
