using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Tests.Passes;

internal sealed partial class RandomGraph
{
    private Func<bool>[] ElementSteps() => [Unary, Unary, WithConstant, WithConstant, Residual, Residual, ChannelGate, Reduce, Reduce, Divide, Choose, Indices, Mask, Casts, Cumulate];

    private bool Unary() => Find(_ => true) is { } x && _dice.Roll(18) switch
    {
        0 => Done(Element("Softplus", x)),
        1 => Done(Element("Erf", x)),
        2 => Done(Element("Exp", Element("Tanh", x))),
        3 => Done(Element("Sqrt", Element("Abs", x))),
        4 => Done(Element("Sin", x)),
        5 => Done(Element("Softsign", x)),
        6 => Done(Element("HardSwish", x)),
        7 => Done(Element("Mish", x)),
        8 => Done(Apply(new Elu { Alpha = 0.5f }, x)),
        9 => Done(Apply(new Selu(), x)),
        10 => Done(Element("Reciprocal", Element("Add", Element("Abs", x), _builder.Scalar(1f)))),
        11 => Done(Element("Pow", Element("Tanh", x), _builder.Scalar(2f))),
        12 => Done(Element("Atan", x)),
        13 => Moved(x, Element("Neg", x)),
        14 => Moved(x, Element("Abs", x)),
        15 => Moved(x, Apply(new Dropout(), x, _builder.Scalar(0.3f))),
        16 => Moved(x, Apply(new Identity(), x)),
        _ => Moved(x, Element("Relu", x)),
    };

    private bool WithConstant()
    {
        if (FindShaped() is not { } x)
            return false;
        var rank = RankOf(x);
        var constant = _dice.Roll(4) switch
        {
            0 => _builder.Scalar(_dice.Pick(0f, 1f, 0.5f, -1f)),
            1 when rank > 1 => Weight([.. Enumerable.Range(1, rank - 1).Select(axis => Extent(x, axis))]),
            2 when rank > 1 => Weight(Extent(x, rank - 1)),
            _ => Weight(1),
        };
        return Done(Element(_dice.Pick("Add", "Sub", "Mul", "Max", "Min", "Mean", "Sum"), _dice.OnceIn(3) ? [constant, x] : [x, constant]));
    }

    private bool Residual()
    {
        var x = Find(_ => true)!;
        return Find(value => value != x && Equals(value.Type, x.Type)) is { } y
            && Done(_dice.OnceIn(4) ? Element("Mul", Element("Tanh", x), Element("Sigmoid", y)) : Element(_dice.Pick("Add", "Sub", "Max", "Min", "Mean"), x, y));
    }

    /// <summary>Squeeze and excitation: what a picture is on average says how much each channel counts.</summary>
    private bool ChannelGate()
    {
        if (FindPicture() is not { } x)
            return false;
        var channels = Extent(x, 1);
        var average = Apply(new Reduction("ReduceMean"), x, _builder.Ints(2, 3));
        return Done(Element("Mul", x, Element("Sigmoid", Apply(new Conv { Window = new() { KernelShape = [1, 1] } }, average, Weight(channels, channels, 1, 1)))));
    }

    private bool Reduce()
    {
        if (FindShaped(2) is not { } x)
            return false;
        var op = new Reduction(_dice.Pick("ReduceMean", "ReduceMax", "ReduceMin", "ReduceSum", "ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceSumSquare")) { Keepdims = _dice.OnceIn(2) };
        // A square of what may be large already grows out of bounds when repeated.
        var y = Apply(op, op.Operator == "ReduceSumSquare" ? Element("Tanh", x) : x, _builder.Ints(_dice.OnceIn(3) ? [-1] : RankOf(x) > 2 ? [1, 2] : [1]));
        return Done(_dice.OnceIn(2) ? y : Element("Mul", y, _builder.Scalar(0.1f)));
    }

    private bool Divide()
    {
        var x = Find(_ => true)!;
        return Done(Element("Div", x, Element("Add", Element("Sigmoid", x), _builder.Scalar(0.5f))));
    }

    private bool Choose()
    {
        var x = Find(_ => true)!;
        if (Find(value => value != x && Equals(value.Type, x.Type)) is not { } y)
            return false;
        var condition = _dice.OnceIn(2) ? _flag : Element(_dice.Pick("Greater", "LessOrEqual"), FindExact(value => Equals(value.Type, x.Type)) ?? _builder.Scalar(0.1f), _builder.Scalar(0.25f));
        return Done(Apply(new Where(), condition, x, y));
    }

    private Value? FindExact(Func<Value, bool> suits) => Find(value => _exact.Contains(value) && suits(value));

    /// <summary>Integers out of numbers that no pass touches.</summary>
    private bool Indices()
    {
        if (FindExact(value => RankOf(value) >= 2 && IsKnownBehindBatch(value)) is not { } x)
            return false;
        switch (_dice.Roll(4))
        {
            case 0:
                _others.Add(Apply(new ArgMax { Axis = -1, Keepdims = _dice.OnceIn(2) }, x));
                return true;
            case 1:
                _others.Add(Apply(new Cast { To = DType.Int32 }, Element("Mul", x, _builder.Scalar(8f))));
                return true;
            default:
                var best = _builder.ApplyMany(2, new TopK { Axis = -1 }, x, _builder.Ints(Math.Min(2, Extent(x, RankOf(x) - 1))));
                _others.Add(best[1]);
                return Moved(x, best[0]);
        }
    }

    private bool Mask()
    {
        if (FindExact(_ => true) is not { } x)
            return false;
        var mask = Element(_dice.Pick("Greater", "Less"), x, _builder.Scalar(0f));
        mask = _dice.OnceIn(2) ? Element(_dice.Pick("And", "Or", "Xor"), mask, _flag) : Element("Not", mask);
        _others.Add(mask);
        return Done(Element("Mul", x, Apply(new Cast { To = DType.Float32 }, mask)));
    }

    private bool Casts()
    {
        var x = Find(_ => true)!;
        if (_dice.OnceIn(2))
            return Moved(x, Apply(new Cast { To = DType.Float32 }, x));
        // ONNX Runtime 1.31 drops a cast to double and straight back even where a subgraph uses it, and then misses it there.
        var wide = Element("Neg", Apply(new Cast { To = DType.Double }, x));
        return Moved(x, Apply(new Cast { To = DType.Float32 }, wide));
    }

    private bool Cumulate() => FindShaped(2) is { } x && Done(Element("Tanh", Apply(new CumSum(), x, _builder.Scalar(1L))));
}
