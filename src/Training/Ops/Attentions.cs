using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>Attention and what goes with it. Heads are an axis of their own inside, [B,heads,S,D], in whichever form they come.</summary>
internal static class Attentions
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new Composites<Attention>("Attention", (op, x, outputs) => new AttentionFormula(op, x).Outputs()[..outputs]) { IsChecked = true },
        new Composite<RotaryEmbedding>("RotaryEmbedding", RotaryEmbedding) { IsChecked = true },
        new Composites<LinearAttention>("LinearAttention", LinearAttention) { IsChecked = true },
        new Composites<CausalConvWithState>("CausalConvWithState", CausalConvWithState) { IsChecked = true },
    ];

    /// <summary>[B,S,heads·D] to [B,heads,S,D].</summary>
    public static Tensor Split(Tensor x, long heads) => x.Reshape(x.Shape[0], x.Shape[1], (int)heads, -1).Transpose(0, 2, 1, 3);

    /// <summary>[B,heads,S,D] to [B,S,heads·D].</summary>
    public static Tensor Join(Tensor x) => x.Transpose(0, 2, 1, 3).Reshape(x.Shape[0], x.Shape[2], x.Shape[1] * x.Shape[3]);

    /// <summary>[B,groups,…] to [B,heads,…]: each group stands for as many heads as share it.</summary>
    public static Tensor ForEachHead(Tensor x, int heads)
    {
        if (x.Shape[1] == heads)
            return x;
        var groups = x.Shape[1];
        var rest = x.Shape.Extents[2..];
        return x.Unsqueeze(2).BroadcastTo([x.Shape[0], groups, heads / groups, .. rest]).Reshape([x.Shape[0], heads, .. rest]);
    }

    /// <summary>Pairs (a, b) become (a cos - b sin, a sin + b cos) (Su et al. 2021).</summary>
    private static Tensor RotaryEmbedding(RotaryEmbedding op, ReadOnlySpan<Tensor?> inputs)
    {
        var isPacked = inputs[0]!.Rank == 3;
        var x = isPacked ? Split(inputs[0]!, op.NumHeads ?? throw new AnnealException("RotaryEmbedding of three axes needs the attribute num_heads.")) : inputs[0]!;
        var (cos, sin) = (inputs[1]!, inputs[2]!);
        if (inputs.Length > 3 && inputs[3] is { } places)
            (cos, sin) = (cos.Gathered(places), sin.Gathered(places));
        var width = op.RotaryEmbeddingDim == 0 ? x.Shape[3] : (int)op.RotaryEmbeddingDim;
        var turned = Turn(op, x.Slice(3, 0, width), cos.Unsqueeze(1), sin.Unsqueeze(1));
        var y = width == x.Shape[3] ? turned : Tensor.Concat(3, turned, x.Slice(3, width, x.Shape[3]));
        return isPacked ? Join(y) : y;
    }

    private static Tensor Turn(RotaryEmbedding op, Tensor x, Tensor cos, Tensor sin)
    {
        var (width, half) = (x.Shape[3], x.Shape[3] / 2);
        var (a, b) = op.Interleaved
            ? (x.Slice(3, 0, width, 2), x.Slice(3, 1, width, 2))
            : (x.Slice(3, 0, half), x.Slice(3, half, width));
        var (c, d) = ((a * cos) - (b * sin), (a * sin) + (b * cos));
        return op.Interleaved
            ? Tensor.Concat(4, c.Unsqueeze(4), d.Unsqueeze(4)).Reshape(x.Shape.Extents)
            : Tensor.Concat(3, c, d);
    }

    /// <summary>A state that every token decays, corrects and adds to, and that its query reads.</summary>
    private static Tensor[] LinearAttention(LinearAttention op, ReadOnlySpan<Tensor?> inputs, int outputs)
    {
        var (q, k, v) = (Split(inputs[0]!, op.QNumHeads), Split(inputs[1]!, op.KvNumHeads), Split(inputs[2]!, op.KvNumHeads));
        var decay = OptionalOf(inputs, 4) is { } g ? Split(g, op.KvNumHeads).Exp() : null;
        var rate = OptionalOf(inputs, 5) is { } beta ? Split(beta, beta.Shape[2]) : null;
        var isCorrected = op.UpdateRule is "delta" or "gated_delta";
        if (op.UpdateRule is "gated" or "gated_delta" != decay is not null || isCorrected != rate is not null)
            throw new AnnealException($"LinearAttention by {op.UpdateRule} should have {(op.UpdateRule.StartsWith("gated", StringComparison.Ordinal) ? "a" : "no")} decay and {(isCorrected ? "an" : "no")} update rate.");
        var (scale, heads) = (op.Scale == 0 ? 1 / Math.Sqrt(q.Shape[3]) : op.Scale, q.Shape[1]);
        var state = OptionalOf(inputs, 3) ?? Tensor.Zeros([q.Shape[0], k.Shape[1], k.Shape[3], v.Shape[3]], q.DType, q.Device);
        var read = new Tensor[q.Shape[2]];
        for (var token = 0; token < read.Length; token++)
        {
            var (key, value) = (At(k, token), At(v, token));
            if (decay is not null)
                state *= At(decay, token).Transpose(0, 1, 3, 2);
            if (rate is not null)
                value = (value - key.MatMul(state)) * At(rate, token);
            state += key.Transpose(0, 1, 3, 2).MatMul(value);
            read[token] = At(q, token).MatMul(ForEachHead(state, heads)) * scale;
        }
        Tensor[] all = [Join(Tensor.Concat(2, read)), state];
        return all[..outputs];
    }

    /// <summary>[B,heads,S,D] to the token's [B,heads,1,D].</summary>
    private static Tensor At(Tensor x, int token) => x.Slice(2, token, token + 1);

    private static Tensor[] CausalConvWithState(CausalConvWithState op, ReadOnlySpan<Tensor?> inputs, int outputs)
    {
        var (x, w) = (inputs[0]!, inputs[1]!);
        var before = OptionalOf(inputs, 3) ?? Tensor.Zeros([x.Shape[0], x.Shape[1], w.Shape[2] - 1], x.DType, x.Device);
        var all = Tensor.Concat(2, before, x);
        var y = Tensor.Apply(new Conv { Group = x.Shape[1] }, all, w, OptionalOf(inputs, 2));
        if (op.Activation != "none")
            y *= y.Sigmoid();
        return outputs > 1 ? [y, all.Slice(2, x.Shape[2], all.Shape[2])] : [y];
    }

    private static Tensor? OptionalOf(ReadOnlySpan<Tensor?> inputs, int index) => index < inputs.Length ? inputs[index] : null;
}

/// <summary>softmax(Q Kᵀ · scale + bias) V for each head (Vaswani et al. 2017; ONNX operator <c>Attention</c>).</summary>
internal sealed class AttentionFormula
{
    private readonly Attention _op;
    private readonly bool _isPacked;
    private readonly Tensor _q;
    private readonly Tensor _k;
    private readonly Tensor _v;
    private readonly Tensor? _mask;
    private readonly Tensor? _valid;
    private readonly int _past;

    public AttentionFormula(Attention op, ReadOnlySpan<Tensor?> inputs)
    {
        _op = op;
        _isPacked = inputs[0]!.Rank == 3;
        _q = _isPacked ? Attentions.Split(inputs[0]!, op.QNumHeads!.Value) : inputs[0]!;
        _k = _isPacked ? Attentions.Split(inputs[1]!, op.KvNumHeads!.Value) : inputs[1]!;
        _v = _isPacked ? Attentions.Split(inputs[2]!, op.KvNumHeads!.Value) : inputs[2]!;
        _mask = inputs.Length > 3 ? inputs[3] : null;
        _valid = inputs.Length > 6 ? inputs[6] : null;
        if (inputs.Length <= 5 || inputs[4] is not { } keys)
            return;
        _past = keys.Shape[2];
        (_k, _v) = (Tensor.Concat(2, keys, _k), Tensor.Concat(2, inputs[5]!, _v));
    }

    /// <summary>The result, all keys, all values, and the products at the stage that the operator names.</summary>
    public Tensor[] Outputs()
    {
        // Both factors take the root of the scale, which keeps narrow floats from overflowing.
        var root = Math.Sqrt(_op.Scale ?? 1 / Math.Sqrt(_q.Shape[3]));
        var products = (_q * root).MatMul(Attentions.ForEachHead(_k * root, _q.Shape[1]).Transpose(0, 1, 3, 2));
        var capped = _op.Softcap == 0 ? products : (products / _op.Softcap).Tanh() * _op.Softcap;
        var bias = Bias();
        var biased = bias is null ? capped : capped + bias;
        var weights = Weights(biased, bias);
        var y = weights.MatMul(Attentions.ForEachHead(_v, _q.Shape[1]));
        var stage = _op.QkMatmulOutputMode switch { 0 => products, 1 => capped, 2 => biased, _ => weights };
        return [_isPacked ? Attentions.Join(y) : y, _k, _v, stage];
    }

    /// <summary>The softmax. A query that may see no key gets zeros, before and after: a softmax of -∞ alone is none, and has no slope either.</summary>
    private Tensor Weights(Tensor biased, Tensor? bias)
    {
        if (bias is null)
            return Softmax(biased);
        var isBlind = bias.Detach().LargestKeep(-1).Equal(double.NegativeInfinity);
        var zero = Number(0);
        return Tensor.Where(isBlind, zero, Softmax(Tensor.Where(isBlind, zero, biased)));
    }

    private Tensor Softmax(Tensor biased) =>
        Tensor.Apply(new Softmax { Axis = -1 }, biased.To(_op.SoftmaxPrecision ?? biased.DType)).To(biased.DType);

    /// <summary>What is added to the products, stretched to [B,heads,S,T]; null when every query sees every key.</summary>
    private Tensor? Bias()
    {
        var mask = _mask is null ? null : Mask(_mask);
        return Sight() is { } sight ? Tensor.Where(sight, mask ?? Number(0), Number(double.NegativeInfinity)) : mask;
    }

    /// <summary>The mask as numbers to add, filled up with -∞ where it has fewer tokens than the keys.</summary>
    private Tensor Mask(Tensor mask)
    {
        var numbers = mask.DType == DType.Bool ? Tensor.Where(mask, Number(0), Number(double.NegativeInfinity)) : mask.To(_q.DType);
        var missing = new long[mask.Rank];
        missing[^1] = _k.Shape[2] - mask.Shape[^1];
        return missing[^1] == 0 ? numbers : Pads.Constant(numbers, new long[mask.Rank], missing, Number(double.NegativeInfinity));
    }

    /// <summary>Which query may see which key, [S,T] or [B,1,S,T]; null when each may see all.</summary>
    private Tensor? Sight()
    {
        if (!_op.IsCausal && _op.LeftWindowSize < 0 && _op.RightWindowSize < 0 && _valid is null)
            return null;
        var (queries, keys) = (_q.Shape[2], _k.Shape[2]);
        var valid = _valid?.ToInt64s() ?? [keys];
        var sight = new bool[valid.Length * queries * keys];
        for (var i = 0; i < sight.Length; i++)
        {
            var (count, query, key) = (valid[i / (queries * keys)], i / keys % queries, i % keys);
            // Queries come after the tokens before, or are the last of those that count.
            var ahead = key - query - (_valid is null ? _past : count - queries);
            sight[i] = key < count && (!_op.IsCausal || ahead <= 0)
                && (_op.RightWindowSize < 0 || ahead <= _op.RightWindowSize) && (_op.LeftWindowSize < 0 || -ahead <= _op.LeftWindowSize);
        }
        return Tensor.From(sight, _valid is null ? [queries, keys] : [valid.Length, 1, queries, keys], _q.Device);
    }

    private Tensor Number(double value) => Tensor.Full(TensorShape.Scalar, value, _q.DType, _q.Device);
}
