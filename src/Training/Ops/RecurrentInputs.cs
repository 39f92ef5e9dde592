using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>The inputs of a recurrent layer, the sequence first whatever its layout is, and its outputs from what its directions gave.</summary>
internal sealed class RecurrentInputs
{
    private readonly string _name;
    private readonly bool _isBatchFirst;
    private readonly Tensor _w;
    private readonly Tensor? _firstHidden;
    private readonly Tensor? _firstCell;
    private readonly bool _hasCell;

    public RecurrentInputs(string name, RecurrentLayer op, int gates, ReadOnlySpan<Tensor?> inputs)
    {
        (_name, _isBatchFirst, _hasCell) = (name, op.Layout == 1, op is LSTM);
        (X, _w, R) = (BatchSecond(inputs[0])!, inputs[1]!, inputs[2]!);
        if (X.DType is not (DType.Float32 or DType.Double) || Steps == 0)
            throw new ShapeMismatchException($"{name} takes float32 or double and sequences of at least one step; {inputs[0]!.Title} was given.");
        RequireShape(_w, "the weights of the input", [Directions, gates * Hidden, X.Shape[2]]);
        RequireShape(R, "the recurrent weights", [Directions, gates * Hidden, Hidden]);
        if (RequireShape(Optional(inputs, 3), "the biases", [Directions, 2 * gates * Hidden]) is { } biases)
            (InputBias, RecurrentBias) = Halves(biases);
        Inside = Masks(Optional(inputs, 4));
        _firstHidden = RequireShape(BatchSecond(Optional(inputs, 5)), "the first state, sequence first,", [Directions, Batch, Hidden]);
        _firstCell = RequireShape(BatchSecond(Optional(inputs, 6)), "the first cell, sequence first,", [Directions, Batch, Hidden]);
        Peepholes = RequireShape(Optional(inputs, 7), "the peepholes", [Directions, 3 * Hidden]);
    }

    /// <summary>[T,B,input].</summary>
    public Tensor X { get; }

    /// <summary>[directions,gates·hidden,hidden].</summary>
    public Tensor R { get; }

    /// <summary>[directions,gates·hidden], or null without biases.</summary>
    public Tensor? InputBias { get; }

    /// <inheritdoc cref="InputBias"/>
    public Tensor? RecurrentBias { get; }

    /// <summary>Both biases in one.</summary>
    public Tensor? WholeBias => InputBias is null ? null : InputBias + RecurrentBias!;

    /// <summary>[directions,3·hidden], or null without peepholes.</summary>
    public Tensor? Peepholes { get; }

    /// <summary>For each step which sequences it lies inside, [B,1], or null where it is inside all.</summary>
    public Tensor?[] Inside { get; }

    /// <summary>1 or 2.</summary>
    public int Directions => R.Shape[0];

    private int Steps => X.Shape[0];

    private int Batch => X.Shape[1];

    private int Hidden => R.Shape[2];

    /// <summary>For each direction and step, what the input gives the gates: x Wᵀ + bias, [B,gates·hidden].</summary>
    public Tensor[][] FromInput(Tensor? bias)
    {
        var all = _w.Shape[0] * _w.Shape[1];
        var y = X.Reshape(Steps * Batch, X.Shape[2]).MatMul(_w.Reshape(all, _w.Shape[2]).Transpose(1, 0));
        y = bias is null ? y : y + bias.Reshape(all);
        return [.. Split(y, 1, Directions).Select(part => Split(part, 0, Steps))];
    }

    /// <summary>What belongs to one direction of a tensor [directions,…].</summary>
    public Tensor Of(Tensor all, int direction)
    {
        var own = Directions == 1 ? all : all.Slice(0, direction, direction + 1);
        return own.Reshape(all.Shape.Extents[1..]);
    }

    /// <summary>The state before the first step of a direction: as given, else zeros.</summary>
    public RecurrentState First(int direction) => new(First(_firstHidden, direction), _hasCell ? First(_firstCell, direction) : null);

    /// <summary>All states [T,directions,B,hidden], the last [directions,B,hidden], and the last cell where there is one.</summary>
    public Tensor[] Join(RecurrentPass[] passes)
    {
        var all = Join(1, passes.Select(pass => Join(0, pass.Hidden.Select(step => step.Reshape(1, 1, Batch, Hidden)))));
        var hidden = BatchFirst(Join(0, passes.Select(pass => pass.Last.Hidden.Reshape(1, Batch, Hidden))));
        all = _isBatchFirst ? all.Transpose(2, 0, 1, 3) : all;
        return _hasCell ? [all, hidden, BatchFirst(Join(0, passes.Select(pass => pass.Last.Cell!.Reshape(1, Batch, Hidden))))] : [all, hidden];
    }

    private static Tensor? Optional(ReadOnlySpan<Tensor?> inputs, int index) => index < inputs.Length ? inputs[index] : null;

    private static Tensor[] Split(Tensor x, int axis, int count) =>
        count == 1 ? [x] : Tensor.ApplyAll(new Split { Axis = axis, NumOutputs = count }, count, x);

    private static Tensor Join(int axis, IEnumerable<Tensor> parts) => parts.ToArray() is { Length: > 1 } several ? Tensor.Concat(axis, several) : parts.First();

    private static (Tensor Input, Tensor Recurrent) Halves(Tensor biases)
    {
        var halves = Split(biases, 1, 2);
        return (halves[0], halves[1]);
    }

    private Tensor? RequireShape(Tensor? given, string what, TensorShape expected) => given is null || given.Shape == expected
        ? given
        : throw new ShapeMismatchException($"{_name}: {what} should have the shape {expected}; {given.Title} was given.");

    private Tensor?[] Masks(Tensor? lengths)
    {
        var masks = new Tensor?[Steps];
        if (lengths is null)
            return masks;
        var known = lengths.ToInt64s();
        if (known.Length != Batch || Array.Exists(known, length => length < 0 || length > Steps))
            throw new ShapeMismatchException($"{_name}: the sequence lengths [{string.Join(',', known)}] should be {Batch} numbers from 0 to {Steps}, one for each sequence of the batch.");
        for (var step = 0; step < masks.Length; step++)
            if (Array.ConvertAll(known, length => step < length) is var inside && Array.IndexOf(inside, false) >= 0)
                masks[step] = Tensor.From(inside, [Batch, 1], X.Device);
        return masks;
    }

    private Tensor First(Tensor? given, int direction) => given is null ? Tensor.Zeros([Batch, Hidden], X.DType, X.Device) : Of(given, direction);

    private Tensor? BatchSecond(Tensor? x) => x is not null && _isBatchFirst ? x.Transpose(1, 0, 2) : x;

    private Tensor BatchFirst(Tensor x) => BatchSecond(x)!;
}
