namespace Anneal.Onnx.Ops;

/// <summary>
/// The family of attention and what goes with it: positions, caches, and its linear kin. A tensor of B sequences of S tokens is [B,heads,S,D], or
/// [B,S,heads × D] with the number of heads as an attribute.
/// </summary>
internal static class AttentionFamily
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new Attention(), [23, 24, 25], 3, 7, 4),
        new(new RotaryEmbedding(), [23], 3, 4),
        new(new TensorScatter(), [24], 2, 3),
        new(new LinearAttention(), [27], 3, 6, 2),
        new(new CausalConvWithState(), [27], 2, 4, 2),
    ];

    /// <summary>Batch, heads, tokens and width of an input; unknown where it is not known.</summary>
    public static Shape Heads(Inference facts, int input, long? heads, string name)
    {
        if (facts.Shape(input) is not { } shape)
            return Elements.AnyOfRank(4);
        if (shape.Rank is not (3 or 4))
            throw facts.Refuse($"{name} should be [batch,heads,tokens,width] or [batch,tokens,heads × width]");
        if (shape.Rank == 4)
            return shape;
        if (heads is not > 0)
            throw facts.Refuse($"{name} has 3 axes, so the attribute for its number of heads is needed");
        return new(shape[0], heads.Value, shape[1], Width(facts, shape[2], heads.Value, name));
    }

    /// <summary>How wide each head is where they lie side by side.</summary>
    public static Dim Width(Inference facts, Dim all, long heads, string name)
    {
        if (heads < 1 || (all.IsKnown && all.Value % heads != 0))
            throw facts.Refuse($"{name}: {all} numbers do not fall into {heads} heads");
        return Extent.Map(all, numbers => numbers / heads);
    }
}

/// <summary>
/// softmax(Q Kᵀ · scale + mask) V for each head (ONNX operator <c>Attention</c>). Inputs: Q, K, V; a mask that is stretched to [B,heads,tokens of Q,tokens
/// of K]; keys and values of tokens before, [B,heads,past,D]; and how many tokens of K count in each sequence, int64 [B]. Outputs: the result in the
/// form of Q; keys and values with those before; and the products of Q and K at the stage that <see cref="QkMatmulOutputMode"/> names.
/// </summary>
public sealed record Attention : Op
{
    /// <summary>Whether a query sees only keys up to its own place; places count on from the tokens before.</summary>
    public bool IsCausal { get; init; }

    /// <summary>The heads of K and V where they have three axes; null where they have four.</summary>
    public long? KvNumHeads { get; init; }

    /// <summary>How many keys before its own place a query sees; -1 for all.</summary>
    public long LeftWindowSize { get; init; } = -1;

    /// <summary>The heads of Q where it has three axes; null where it has four.</summary>
    public long? QNumHeads { get; init; }

    /// <summary>What the fourth output holds: 0 the products, 1 after the soft cap, 2 with the mask, 3 after the softmax.</summary>
    public long QkMatmulOutputMode { get; init; }

    /// <summary>How many keys after its own place a query sees; -1 for all.</summary>
    public long RightWindowSize { get; init; } = -1;

    /// <summary>What the products are multiplied by; null means 1 / √D.</summary>
    public float? Scale { get; init; }

    /// <summary>c of c · tanh(product / c), which keeps the products within ±c; 0 for none.</summary>
    public float Softcap { get; init; }

    /// <summary>The element type of the softmax; null means that of Q.</summary>
    public DType? SoftmaxPrecision { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        IsCausal = attributes.Flag("is_causal", IsCausal, false),
        KvNumHeads = attributes.OptionalInt("kv_num_heads", KvNumHeads),
        LeftWindowSize = attributes.Int("left_window_size", LeftWindowSize, -1),
        QNumHeads = attributes.OptionalInt("q_num_heads", QNumHeads),
        QkMatmulOutputMode = attributes.Int("qk_matmul_output_mode", QkMatmulOutputMode, 0),
        RightWindowSize = attributes.Int("right_window_size", RightWindowSize, -1),
        Scale = attributes.OptionalFloat("scale", Scale),
        Softcap = attributes.Float("softcap", Softcap, 0),
        SoftmaxPrecision = (DType?)attributes.OptionalInt("softmax_precision", (long?)SoftmaxPrecision),
    };

    /// <summary>Two matrix products for each query and key, and a softmax between them.</summary>
    internal override Cost Count(CostFacts facts)
    {
        // The keys with those of tokens before, where they are given out.
        var keys = facts.OutputShape(1) is { Rank: 4 } all ? (all[2].IsKnown ? all[2].Value : null) : facts.Extent(1, -2);
        var heads = QNumHeads ?? facts.Extent(0, 1);
        var queries = facts.Extent(0, 0) * heads * facts.Extent(0, -2);
        return new((facts.Elements(0) + facts.OutputElements()) * keys, 5 * queries * keys);
    }

    internal override void Infer(Inference facts)
    {
        RequireSense(facts);
        var q = AttentionFamily.Heads(facts, 0, QNumHeads, "Q");
        var k = AttentionFamily.Heads(facts, 1, KvNumHeads, "K");
        var v = AttentionFamily.Heads(facts, 2, KvNumHeads, "V");
        var (batch, heads) = (facts.Same(q[0], k[0], "the batches of Q and K"), facts.Same(k[1], v[1], "the heads of K and V"));
        if (q[1].IsKnown && heads.IsKnown && (heads.Value < 1 || q[1].Value % heads.Value != 0))
            throw facts.Refuse($"the {q[1]} heads of Q do not share {heads} heads of K and V evenly");
        var width = facts.Same(q[3], k[3], "the widths of Q and K");
        var tokens = facts.Has(4) ? Extent.Add(facts.Shape(4) is { Rank: 4 } past ? past[2] : Dim.Unknown, k[2]) : k[2];
        facts.Output(0, facts.DType(0), Result(facts.Rank(0), batch, q, v));
        facts.Output(1, facts.DType(0), new(batch, heads, tokens, width));
        facts.Output(2, facts.DType(2), new(batch, heads, tokens, v[3]));
        facts.Output(3, facts.DType(0), new(batch, q[1], q[2], tokens));
    }

    private static Shape? Result(int? rank, Dim batch, Shape q, Shape v) => rank switch
    {
        null => null,
        4 => new(batch, q[1], q[2], v[3]),
        _ => new(batch, q[2], Extent.Multiply(q[1], v[3])),
    };

    private void RequireSense(Inference facts)
    {
        if (facts.Has(4) != facts.Has(5))
            throw facts.Refuse("past keys and past values are needed together");
        if (facts.Has(6) && facts.Has(4))
            throw facts.Refuse("numbers of valid tokens go with a cache that is kept outside, so not with past keys and values");
        if (QkMatmulOutputMode is < 0 or > 3)
            throw facts.Refuse($"qk_matmul_output_mode {QkMatmulOutputMode} is none of 0, 1, 2, 3");
        if (LeftWindowSize < -1 || RightWindowSize < -1)
            throw facts.Refuse($"the windows ({LeftWindowSize}, {RightWindowSize}) should be -1 or more");
    }
}

/// <summary>
/// x with pairs of numbers turned by the angle of their token's place (ONNX operator <c>RotaryEmbedding</c>). Inputs: x; cosines and sines, [places,pairs]
/// to be picked by the places, int64 [B,S], in the fourth input, or [B,S,pairs] without it.
/// </summary>
public sealed record RotaryEmbedding : Op
{
    /// <summary>Whether a pair is two neighbours, rather than one number of each half.</summary>
    public bool Interleaved { get; init; }

    /// <summary>The heads where x has three axes; null where it has four.</summary>
    public long? NumHeads { get; init; }

    /// <summary>How many numbers of each head are turned; 0 for all.</summary>
    public long RotaryEmbeddingDim { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Interleaved = attributes.Flag("interleaved", Interleaved, false),
        NumHeads = attributes.OptionalInt("num_heads", NumHeads),
        RotaryEmbeddingDim = attributes.Int("rotary_embedding_dim", RotaryEmbeddingDim, 0),
    };

    internal override Cost Count(CostFacts facts) => facts.ForEachOutput(3);

    internal override void Infer(Inference facts)
    {
        AttentionFamily.Heads(facts, 0, NumHeads, "x");
        if (facts.Rank(1) is { } rank && rank != (facts.Has(3) ? 2 : 3))
            throw facts.Refuse("cosines and sines should be [places,pairs] with places given, else [batch,tokens,pairs]");
        facts.Output(0, facts.DType(0), facts.Shape(0));
    }
}

/// <summary>A cache with new tokens written into it, each sequence at a place of its own (ONNX operator <c>TensorScatter</c>). Inputs: the cache, the tokens, and the places, int64 [B].</summary>
public sealed record TensorScatter : Op
{
    /// <summary>The axis of the tokens; negative counts from the end.</summary>
    public long Axis { get; init; } = -2;

    /// <summary><c>linear</c>, or <c>circular</c>: past the end it goes on at the start.</summary>
    public string Mode { get; init; } = "linear";

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Axis = attributes.Int("axis", Axis, -2),
        Mode = attributes.Text("mode", Mode, "linear"),
    };

    internal override void Infer(Inference facts)
    {
        if (Mode is not ("linear" or "circular"))
            throw facts.Refuse($"mode '{Mode}' is neither linear nor circular");
        if (facts.Rank(0) is { } rank && facts.Axis(Axis, rank) == 0)
            throw facts.Refuse("the axis of the tokens cannot be that of the batch");
        facts.Output(0, facts.SameType(0, 1), facts.Shape(0));
    }
}

/// <summary>
/// Attention through a state that each token updates, instead of a softmax over all of them (ONNX operator <c>LinearAttention</c>). Inputs: query
/// [B,T,heads × D], key, value, a state [B,heads,D,E] from before, a decay and an update rate. Outputs: [B,T,heads × E] and the state after.
/// </summary>
public sealed record LinearAttention : Op
{
    /// <summary>How many tokens an engine may take at once; no part of the meaning.</summary>
    public long ChunkSize { get; init; } = 64;

    /// <summary>The heads of key and value.</summary>
    public long KvNumHeads { get; init; }

    /// <summary>The heads of the query.</summary>
    public long QNumHeads { get; init; }

    /// <summary>What the output is multiplied by; 0 means 1 / √D.</summary>
    public float Scale { get; init; }

    /// <summary>How a token changes the state: <c>linear</c>, <c>gated</c>, <c>delta</c> or <c>gated_delta</c>.</summary>
    public string UpdateRule { get; init; } = "gated_delta";

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        ChunkSize = attributes.Int("chunk_size", ChunkSize, 64),
        KvNumHeads = attributes.RequiredInt("kv_num_heads", KvNumHeads),
        QNumHeads = attributes.RequiredInt("q_num_heads", QNumHeads),
        Scale = attributes.Float("scale", Scale, 0),
        UpdateRule = attributes.Text("update_rule", UpdateRule, "gated_delta"),
    };

    internal override Cost Count(CostFacts facts) => Cost.Unknown;

    internal override void Infer(Inference facts)
    {
        if (UpdateRule is not ("linear" or "gated" or "delta" or "gated_delta"))
            throw facts.Refuse($"update_rule '{UpdateRule}' is none of linear, gated, delta, gated_delta");
        if (Enumerable.Range(0, 3).Any(input => facts.Rank(input) is not (null or 3)))
            throw facts.Refuse("query, key and value should be [batch,tokens,heads × width]");
        var (q, v) = (facts.Shape(0) ?? Elements.AnyOfRank(3), facts.Shape(2) ?? Elements.AnyOfRank(3));
        var inner = AttentionFamily.Width(facts, q[2], QNumHeads, "query");
        var outer = AttentionFamily.Width(facts, v[2], KvNumHeads, "value");
        var batch = facts.Same(q[0], v[0], "the batches of query and value");
        facts.Output(0, facts.DType(0), new(batch, q[1], Extent.Multiply(QNumHeads, outer)));
        facts.Output(1, facts.Has(3) ? facts.DType(3) : facts.DType(0), new(batch, KvNumHeads, inner, outer));
    }
}

/// <summary>
/// Each channel convolved along time with what came before only (ONNX operator <c>CausalConvWithState</c>). Inputs: x [B,C,T], weights [C,1,k], a bias [C],
/// and the k - 1 values before x, [B,C,k-1]. Outputs: the result, as x, and its last k - 1 values for the next call.
/// </summary>
public sealed record CausalConvWithState : Op
{
    /// <summary><c>none</c>, or <c>silu</c> (also spelled <c>swish</c>): y sigmoid(y).</summary>
    public string Activation { get; init; } = "none";

    private protected override Op Through(AttributeVisitor attributes) => this with { Activation = attributes.Text("activation", Activation, "none") };

    internal override Cost Count(CostFacts facts) => Cost.Unknown;

    internal override void Infer(Inference facts)
    {
        if (Activation is not ("none" or "silu" or "swish"))
            throw facts.Refuse($"activation '{Activation}' is none of none, silu, swish");
        if (facts.Rank(0) is not (null or 3) || facts.Rank(1) is not (null or 3))
            throw facts.Refuse("x should be [batch,channels,time], and the weights [channels,1,k]");
        var (x, weights) = (facts.Shape(0) ?? Elements.AnyOfRank(3), facts.Shape(1) ?? Elements.AnyOfRank(3));
        var channels = facts.RequireChannels(2, facts.Same(x[1], weights[0], "the channels of x and of the weights"), "the bias");
        facts.Output(0, facts.DType(0), new(x[0], channels, x[2]));
        facts.Output(1, facts.DType(0), new(x[0], channels, Extent.Add(weights[2], -1)));
    }
}
