using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Zoo.Images;

namespace Anneal.Zoo;

/// <summary>
/// One example going through a session, alone or as the last of a batch. Before it stand other examples of the formula, so that a graph that
/// mixes the members of a batch, or has a batch of one baked in, gives another answer.
/// </summary>
internal sealed class GoldenRun
{
    // A picture of 32 KB can claim any size; a model's picture is far smaller than this.
    private static readonly ImageLimits Limits = new() { MaxPixels = 1 << 24 };
    private static readonly int[] OpenBatches = [1, 2, 7];

    private readonly IModelSession _session;
    private readonly ClassifierModel? _pictures;
    private readonly float[][] _example;

    /// <summary>Prepares an example for a session.</summary>
    /// <exception cref="AnnealException">The card does not fit, the picture cannot be read, or the formula has no numbers for an input.</exception>
    public GoldenRun(IModelSession session, ModelCard? card, GoldenExample example)
    {
        _session = session;
        _pictures = card is null ? null : new(session, card, Limits);
        Batches = FindBatches();
        _example = example.Seed is { } seed ? Numbers(seed) : [Picture(example.Picture.Span)];
    }

    /// <summary>How many examples at once the file can be asked about: 1, 2 and 7 where its batch is open, else the number that it insists on.</summary>
    public IReadOnlyList<int> Batches { get; }

    /// <summary>The part of the file's first output that belongs to the example.</summary>
    /// <param name="batch">How many examples go through at once, this one last.</param>
    /// <param name="cancellation">Ends the run.</param>
    public float[] Answer(int batch, CancellationToken cancellation)
    {
        var output = _session.Run(Inputs(batch), cancellation)[0];
        if (output.DType != DType.Float32)
            throw new AnnealException($"{_session}: its first output '{output.Name}' is {output.DType}; a golden example needs Float32.");
        var numbers = output.As<float>();
        if (batch == 1)
            return numbers.ToArray();
        if (output.Shape.Length == 0 || output.Shape[0] != batch)
            throw new AnnealException($"{_session} gave {output} for a batch of {batch}; expected {batch} rows.");
        return numbers[^(numbers.Length / batch)..].ToArray();
    }

    private int[] FindBatches()
    {
        if (_session.Inputs.Count == 0 || _session.Outputs.Count == 0 || _session.Inputs.Any(input => input.Shape.Count == 0))
            return [1];
        var first = _session.Inputs[0];
        if (_session.Inputs.Any(input => input.Shape[0] != first.Shape[0]))
            return [1];
        if (first.Shape[0] > 0)
            return [checked((int)first.Shape[0])];
        var output = _session.Outputs[0];
        var isOpen = output.Shape is [-1, ..] && _session.Inputs.Append(output).Select(tensor => tensor.Symbols[0]).OfType<string>().Distinct().Count() <= 1;
        return isOpen ? OpenBatches : [1];
    }

    private float[] Picture(ReadOnlySpan<byte> bytes)
    {
        if (_pictures is null)
            throw new AnnealException($"{_session} has a picture as its golden example, but no card that says how pictures are prepared.");
        using var file = ImageFile.Open(bytes, "the golden picture", Limits);
        var slot = new float[_pictures.Preprocessor.SlotLength];
        _pictures.Preprocessor.Read(file, slot);
        return slot;
    }

    /// <summary>The formula's numbers for one example, an array for each input.</summary>
    private float[][] Numbers(ulong seed)
    {
        var next = 0L;
        return [.. _session.Inputs.Select(input => Numbers(seed, ref next, ExampleLength(input)))];
    }

    private static float[] Numbers(ulong seed, ref long next, int count)
    {
        var numbers = new float[count];
        for (var i = 0; i < count; i++)
            numbers[i] = GoldenFormula.At(seed, next++);
        return numbers;
    }

    private int ExampleLength(TensorInfo input)
    {
        var elements = ShapeOf(input, Batches[0]).Aggregate(1L, (product, extent) => checked(product * extent));
        return checked((int)(elements / Batches[0]));
    }

    private NamedTensor[] Inputs(int batch)
    {
        var others = Enumerable.Range(1, batch - 1).Select(row => Numbers((ulong)row)).ToList();
        return [.. _session.Inputs.Select((input, place) => Input(input, batch, [.. others.Select(other => other[place]), _example[place]]))];
    }

    private NamedTensor Input(TensorInfo input, int batch, IReadOnlyList<float[]> rows)
    {
        var tensor = NamedTensor.Allocate(input.Name, input.DType, ShapeOf(input, batch));
        var at = 0;
        foreach (var row in rows)
        {
            Write(row, tensor, at);
            at += row.Length;
        }
        return tensor;
    }

    private void Write(ReadOnlySpan<float> numbers, NamedTensor tensor, int at)
    {
        switch (tensor.DType)
        {
            case DType.Float32: numbers.CopyTo(tensor.As<float>().Span[at..]); break;
            case DType.Double: Write(numbers, tensor.As<double>().Span[at..], number => number); break;
            case DType.Float16: Write(numbers, tensor.As<Half>().Span[at..], number => (Half)number); break;
            case DType.Int64: Write(numbers, tensor.As<long>().Span[at..], number => number >= 0 ? 1 : 0); break;
            case DType.Int32: Write(numbers, tensor.As<int>().Span[at..], number => number >= 0 ? 1 : 0); break;
            case DType.UInt8: Write(numbers, tensor.As<byte>().Span[at..], number => (byte)(number >= 0 ? 1 : 0)); break;
            case DType.Bool: Write(numbers, tensor.As<bool>().Span[at..], number => number >= 0); break;
            default: throw new AnnealException($"{_session}: the formula of golden examples has no numbers for its input {tensor}.");
        }
    }

    private static void Write<T>(ReadOnlySpan<float> numbers, Span<T> elements, Func<float, T> convert)
    {
        for (var i = 0; i < numbers.Length; i++)
            elements[i] = convert(numbers[i]);
    }

    private long[] ShapeOf(TensorInfo input, int batch) => _pictures?.InputShape(batch)
        ?? [.. input.Shape.Select((extent, axis) => extent >= 0 ? extent : axis == 0 ? batch : throw Open(input))];

    private AnnealException Open(TensorInfo input) =>
        new($"{_session} leaves more open than the batch (input {input}), so that a golden example needs a card that says how large its pictures are.");
}
