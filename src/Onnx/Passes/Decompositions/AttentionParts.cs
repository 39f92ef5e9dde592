using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes.Decompositions;

/// <summary>
/// Attention as two products of matrices with a softmax between them. Shapes: Q [B,heads,S,D], K [B,groups,T,D], V [B,groups,T,E]; T counts the tokens
/// before too, and heads are a multiple of groups.
/// </summary>
internal sealed class AttentionParts
{
    private const int Past = 4, Valid = 6;

    private readonly Replacement _to;
    private readonly Attention _op;
    private readonly bool _isPacked;

    private AttentionParts(Replacement to)
    {
        (_to, _op) = (to, to.Read<Attention>());
        // Heads side by side have three axes; the attributes say how many there are, and are for that form alone.
        _isPacked = to.Shape(0) is { } shape ? shape.Rank == 3 : _op.QNumHeads is not null && _op.KvNumHeads is not null;
        if (_isPacked && (_op.QNumHeads is null || _op.KvNumHeads is null))
            throw new InvalidModelException($"{to.Node.Title}: inputs of three axes need the attributes q_num_heads and kv_num_heads.");
    }

    public static void Write(Replacement to) => new AttentionParts(to).Write();

    private void Write()
    {
        var q = Split("q", 0, _op.QNumHeads);
        var (k, v) = (WithPast("keys", 1, Past), WithPast("values", 2, Past + 1));
        var bias = Bias(q, k);
        var products = Products(q, k);
        var capped = Cap(products);
        var biased = bias is null ? capped : _to.Add("biased", "Add", [capped, bias]);
        var weights = Weights(biased, bias);
        var result = _to.Add("result", "MatMul", [weights, ForEachHead("values", LikeQ(v), v, q)]);
        _to.Give(3, _op.QkMatmulOutputMode switch { 0 => products, 1 => capped, 2 => biased, _ => weights });
        _to.Give(1, k);
        _to.Give(2, v);
        _to.Give(0, _isPacked ? Join(result) : result);
    }

    /// <summary>An input as [B,heads,S,D].</summary>
    private Value Split(string part, int input, long? heads)
    {
        if (!_isPacked)
            return _to.Input(input);
        var split = _to.Add($"{part}_split", "Reshape", [_to.Input(input), _to.Ints(0, 0, heads!.Value, -1)]);
        return _to.Add($"{part}_heads", "Transpose", [split], NodeAttribute.Of("perm", 0, 2, 1, 3));
    }

    private Value Join(Value result)
    {
        var tokens = _to.Add("result_tokens", "Transpose", [result], NodeAttribute.Of("perm", 0, 2, 1, 3));
        return _to.Add("result_joined", "Reshape", [tokens, _to.Ints(0, 0, -1)]);
    }

    private Value WithPast(string part, int input, int past)
    {
        var heads = Split(part, input, _op.KvNumHeads);
        return _to.Has(past) ? _to.Add($"{part}_all", "Concat", [_to.Input(past), heads], NodeAttribute.Of("axis", 2)) : heads;
    }

    private Value LikeQ(Value v) => _to.DType(0) == _to.DType(2) && _to.DType(0) != DType.Undefined ? v : _to.Add("values_like", "CastLike", [v, _to.Input(0)]);

    /// <summary>Keys or values with each group repeated for its heads.</summary>
    private Value ForEachHead(string part, Value value, Value grouped, Value q)
    {
        var (heads, groups) = (HeadCount(0, _op.QNumHeads), HeadCount(1, _op.KvNumHeads));
        if (heads.IsKnown && heads == groups)
            return value;
        var (headCount, groupCount) = (_to.Extent(q, 1, heads), _to.Extent(grouped, 1, groups));
        var repeats = heads.IsKnown && groups.IsKnown
            ? _to.Ints(1, 1, heads.Value / groups.Value, 1, 1)
            : _to.Add($"{part}_repeats", "Concat", [_to.Ints(1, 1), _to.Add("share", "Div", [headCount, groupCount]), _to.Ints(1, 1)], NodeAttribute.Of("axis", 0));
        var lifted = _to.Add($"{part}_lifted", "Unsqueeze", [value, _to.Ints(2)]);
        var repeated = _to.Add($"{part}_repeated", "Expand", [lifted, repeats]);
        var shape = _to.Add($"{part}_shape", "Concat", [_to.Extent(value, 0), headCount, _to.Extent(value, 2), _to.Extent(value, 3)], NodeAttribute.Of("axis", 0));
        return _to.Add($"{part}_each", "Reshape", [repeated, shape]);
    }

    private Dim HeadCount(int input, long? stated) => _isPacked ? stated!.Value : _to.Extents(input, 4)[1];

    /// <summary>Q Kᵀ · scale. Both factors take the root of the scale, which keeps narrow floats from overflowing.</summary>
    private Value Products(Value q, Value k)
    {
        var root = ScaleRoot(q);
        var turned = _to.Add("keys_turned", "Transpose", [ForEachHead("keys", k, k, q)], NodeAttribute.Of("perm", 0, 1, 3, 2));
        return _to.Add("products", "MatMul", [_to.Add("q_scaled", "Mul", [q, root]), _to.Add("keys_scaled", "Mul", [turned, root])]);
    }

    private Value ScaleRoot(Value q)
    {
        if (_op.Scale is { } scale)
            return _to.ScalarLike(0, Math.Sqrt(scale));
        var width = _isPacked ? Extent.Map(_to.Extents(0, 3)[2], all => all / _op.QNumHeads!.Value) : _to.Extents(0, 4)[3];
        if (width is { IsKnown: true, Value: > 0 })
            return _to.ScalarLike(0, Math.Sqrt(1 / Math.Sqrt(width.Value)));
        var known = _to.Add("width", "Cast", [_to.Extent(q, 3)], NodeAttribute.Of("to", (long)DType.Float32));
        var inverse = _to.Add("scale", "Reciprocal", [_to.Add("width_root", "Sqrt", [known])]);
        return _to.Add("scale_like", "CastLike", [_to.Add("scale_root", "Sqrt", [inverse]), _to.Input(0)]);
    }

    private Value Cap(Value products)
    {
        if (_op.Softcap == 0)
            return products;
        var cap = _to.ScalarLike(0, _op.Softcap);
        return _to.Add("capped", "Mul", [_to.Add("bent", "Tanh", [_to.Add("over_cap", "Div", [products, cap])]), cap]);
    }

    /// <summary>The softmax, and zeros for a query that may see no key: its softmax would be of -∞ only.</summary>
    private Value Weights(Value biased, Value? bias)
    {
        var weights = Softmax(biased);
        if (bias is null || (!_to.Has(3) && !_to.Has(Valid) && _op.LeftWindowSize < 0 && _op.RightWindowSize < 0))
            return weights;
        var greatest = _to.Add("bias_greatest", "ReduceMax", [bias, _to.Ints(-1)]);
        var isBlind = _to.Add("is_blind", "Equal", [greatest, _to.ScalarLike(0, double.NegativeInfinity)]);
        return _to.Add("weights_seen", "Where", [isBlind, _to.ScalarLike(0, 0), weights]);
    }

    private Value Softmax(Value biased)
    {
        if (_op.SoftmaxPrecision is not { } precision || precision == _to.DType(0))
            return _to.Add("weights", "Softmax", [biased], NodeAttribute.Of("axis", -1));
        var precise = _to.Add("biased_precise", "Cast", [biased], NodeAttribute.Of("to", (long)precision));
        return _to.Add("weights_like", "CastLike", [_to.Add("weights", "Softmax", [precise], NodeAttribute.Of("axis", -1)), _to.Input(0)]);
    }

    /// <summary>What is added to the products, stretched to [B,heads,S,T]: -∞ where a query may not see a key; null when every query sees every key.</summary>
    private Value? Bias(Value q, Value k)
    {
        var mask = _to.Has(3) ? Mask(k) : null;
        return Sight(q, k) is { } sight
            ? _to.Add("bias", "Where", [sight, mask ?? _to.ScalarLike(0, 0), _to.ScalarLike(0, double.NegativeInfinity)])
            : mask;
    }

    /// <summary>The mask as numbers to add, filled up with -∞ where it has fewer tokens than the keys.</summary>
    private Value Mask(Value k)
    {
        var mask = _to.DType(3) switch
        {
            DType.Undefined => throw _to.TooLittle("the element type of the mask"),
            DType.Bool => _to.Add("mask_numbers", "Where", [_to.Input(3), _to.ScalarLike(0, 0), _to.ScalarLike(0, double.NegativeInfinity)]),
            var dtype => dtype == _to.DType(0) ? _to.Input(3) : _to.Add("mask_like", "CastLike", [_to.Input(3), _to.Input(0)]),
        };
        var length = _to.Shape(3) is { Rank: > 0 } shape ? shape[shape.Rank - 1] : Dim.Unknown;
        if (length.IsKnown && length == TokenCount())
            return mask;
        var missing = _to.Add("mask_missing", "Sub", [_to.Extent(k, 2, TokenCount()), MaskLength(mask, length)]);
        var pads = _to.Add("mask_pads", "Concat", [_to.Ints(0), missing], NodeAttribute.Of("axis", 0));
        return _to.Add("mask_filled", "Pad", [mask, pads, _to.ScalarLike(0, double.NegativeInfinity), _to.Ints(-1)]);
    }

    private Value MaskLength(Value mask, Dim length) =>
        length.IsKnown ? _to.Ints(length.Value) : _to.Add("mask_length", "Shape", [mask], NodeAttribute.Of("start", -1));

    /// <summary>How many keys there are, when it is known.</summary>
    private Dim TokenCount()
    {
        var tokens = _isPacked ? _to.Extents(1, 3)[1] : _to.Extents(1, 4)[2];
        return _to.Has(Past) ? Extent.Add(_to.Extents(Past, 4)[2], tokens) : tokens;
    }

    /// <summary>Which query may see which key, as [S,T] or [B,1,S,T]; null when each may see all.</summary>
    private Value? Sight(Value q, Value k)
    {
        if (!_op.IsCausal && _op.LeftWindowSize < 0 && _op.RightWindowSize < 0 && !_to.Has(Valid))
            return null;
        var places = _to.Count("key_places", _to.Extent(k, 2, TokenCount()));
        var rules = new List<Value>();
        if (_op.IsCausal || _op.LeftWindowSize >= 0 || _op.RightWindowSize >= 0)
        {
            var distance = _to.Add("distance", "Sub", [QueryPlaces(q), places]);
            if (_op.IsCausal || _op.RightWindowSize >= 0)
                rules.Add(_to.Add("is_not_after", "GreaterOrEqual", [distance, _to.Scalar(_op.IsCausal ? 0L : -_op.RightWindowSize)]));
            if (_op.LeftWindowSize >= 0)
                rules.Add(_to.Add("is_not_far", "LessOrEqual", [distance, _to.Scalar(_op.LeftWindowSize)]));
        }
        if (_to.Has(Valid))
            rules.Add(_to.Add("is_valid", "Less", [places, PerSequence(_to.Input(Valid))]));
        return rules.Aggregate((a, b) => _to.Add("is_seen", "And", [a, b]));
    }

    /// <summary>The places of the queries among the keys, as [S,1] or [B,1,S,1]: they come after the tokens before, or are the last valid ones.</summary>
    private Value QueryPlaces(Value q)
    {
        var tokens = _to.Extent(q, 2, _isPacked ? _to.Extents(0, 3)[1] : _to.Extents(0, 4)[2]);
        var places = _to.Add("query_rows", "Unsqueeze", [_to.Count("query_places", tokens), _to.Ints(1)]);
        if (_to.Has(Past))
            return _to.Add("query_after", "Add", [places, _to.Extent(_to.Input(Past), 2, _to.Extents(Past, 4)[2])]);
        return _to.Has(Valid)
            ? _to.Add("query_last", "Add", [places, PerSequence(_to.Add("before", "Sub", [_to.Input(Valid), tokens]))])
            : places;
    }

    private Value PerSequence(Value numbers) => _to.Add("per_sequence", "Unsqueeze", [numbers, _to.Ints(1, 2, 3)]);
}
