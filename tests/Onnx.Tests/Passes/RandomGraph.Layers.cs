using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Tests.Passes;

internal sealed partial class RandomGraph
{
    private Func<bool>[] LayerSteps() => [Conv, Conv, Conv, ConvTranspose, BatchNorm, BatchNorm, Pool, GlobalPool, Linear, Linear, MatMul, Normalize, Softmax];

    private bool Conv()
    {
        if (FindPicture() is not { } x)
            return false;
        var (channels, outputs) = (Extent(x, 1), (long)_dice.Pick(2, 4, 6));
        var group = channels % 2 == 0 && _dice.OnceIn(3) ? 2 : 1;
        var kernel = Math.Min(_dice.Between(1, 3), Math.Min(Extent(x, 2), Extent(x, 3)));
        var y = Apply(new Conv { Group = group, Window = Slide(kernel) }, x, Weight(outputs, channels / group, kernel, kernel), _dice.OnceIn(2) ? Weight(outputs) : null);
        return Done(Dressed(y, outputs));
    }

    private bool ConvTranspose()
    {
        if (FindPicture() is not { } x || Count(x) > 500)
            return false;
        var (channels, kernel, stride) = (Extent(x, 1), (long)_dice.Between(1, 3), (long)_dice.Between(1, 2));
        var op = new ConvTranspose { Window = new() { KernelShape = [kernel, kernel], Strides = [stride, stride] } };
        return Done(Dressed(Apply(op, x, Weight(channels, 2, kernel, kernel), _dice.OnceIn(2) ? Weight(2) : null), 2));
    }

    private Window Slide(long kernel)
    {
        var (pad, stride) = ((long)_dice.Roll(2), (long)_dice.Between(1, 2));
        return _dice.Roll(4) switch
        {
            0 => new() { AutoPad = "SAME_UPPER", KernelShape = [kernel, kernel], Strides = [stride, stride] },
            1 => new() { KernelShape = [kernel, kernel] },
            _ => new() { KernelShape = [kernel, kernel], Strides = [stride, stride], Pads = [pad, pad, pad, pad], Dilations = [1, 1] },
        };
    }

    /// <summary>What follows a layer often: a normalisation or something else by channel, then an activation.</summary>
    private Value Dressed(Value y, long channels)
    {
        if (_dice.OnceIn(2))
            y = Normalized(y, channels);
        else if (_dice.OnceIn(3))
            y = Element(_dice.Pick("Add", "Mul", "Sub"), y, Weight(channels, 1, 1));
        return _dice.OnceIn(2) ? Activated(y) : y;
    }

    private Value Normalized(Value x, long channels) => Apply(new BatchNormalization { Epsilon = _dice.Pick(1e-5f, 1e-3f) },
        x, Positive(channels), Weight(channels), Weight(channels), Positive(channels));

    private Value Activated(Value x) => _dice.Roll(6) switch
    {
        0 => Apply(new Clip(), x, _builder.Scalar(0f), _builder.Scalar(6f)),
        1 => Apply(new LeakyRelu { Alpha = 0.2f }, x),
        2 => Apply(new HardSigmoid(), x),
        3 => Element("Tanh", x),
        4 => Element("Sigmoid", x),
        _ => Element("Relu", x),
    };

    private bool BatchNorm() => Find(value => RankOf(value) >= 2 && ShapeOf(value)[1].IsKnown) is { } x && Done(Normalized(x, Extent(x, 1)));

    private bool Pool()
    {
        if (FindPicture() is not { } x || Math.Min(Extent(x, 2), Extent(x, 3)) < 2)
            return false;
        var window = new Window { KernelShape = [2, 2], Strides = [_dice.Between(1, 2), 2], Pads = _dice.OnceIn(2) ? [0, 0, 0, 0] : [1, 0, 0, 1] };
        return _dice.Roll(4) switch
        {
            0 => Done(Apply(new AveragePool { Window = window, CountIncludePad = _dice.OnceIn(2) }, x)),
            1 => Done(Apply(new LpPool { Window = window }, x)),
            2 => Done(_builder.ApplyMany(2, new MaxPool { Window = window }, x)[0]),
            _ => Moved(x, Apply(new MaxPool { Window = window, CeilMode = _dice.OnceIn(2) && _builder.Opset >= 22 }, x)),
        };
    }

    private bool GlobalPool() => FindPicture() is { } x && Done(Apply(_dice.OnceIn(3) ? new GlobalMaxPool() : new GlobalAveragePool(), x));

    private bool Linear()
    {
        if (FindShaped(2) is not { } x)
            return false;
        var flat = RankOf(x) == 2 && _dice.OnceIn(2) ? x : Apply(new Flatten(), x);
        var (inputs, outputs, isTurned) = (Extent(flat, 1), (long)_dice.Between(2, 6), _dice.OnceIn(2));
        var w = isTurned ? Weight(outputs, inputs) : Weight(inputs, outputs);
        var op = new Gemm { TransB = isTurned, Alpha = _dice.Pick(1f, 0.5f), Beta = _dice.Pick(1f, 2f) };
        return Done(Dressed2D(Apply(op, flat, w, _dice.OnceIn(3) ? null : Weight(_dice.OnceIn(4) ? [1, outputs] : [outputs])), outputs));
    }

    private Value Dressed2D(Value y, long outputs) => _dice.Roll(4) switch
    {
        0 => Normalized(y, outputs),
        1 => Element("Add", y, Weight(outputs)),
        2 => Activated(y),
        _ => y,
    };

    private bool MatMul()
    {
        if (FindShaped(2) is not { } x)
            return false;
        var (inputs, outputs) = (Extent(x, RankOf(x) - 1), (long)_dice.Between(2, 6));
        var y = Apply(new MatMul(), x, Weight(inputs, outputs));
        return Done(RankOf(x) == 2 ? Dressed2D(y, outputs) : _dice.OnceIn(2) ? Element("Add", y, Weight(outputs)) : y);
    }

    private bool Normalize()
    {
        if (FindPicture() is not { } x)
            return false;
        var channels = Extent(x, 1);
        return Done(_dice.Roll(5) switch
        {
            0 => Apply(new LayerNormalization { Axis = -1 }, x, Positive(Extent(x, 3)), _dice.OnceIn(2) ? Weight(Extent(x, 3)) : null),
            1 => Apply(new LRN { Size = 3 }, x),
            2 => Apply(new InstanceNormalization { Epsilon = 0.1f }, x, Positive(channels), Weight(channels)),
            3 => Apply(new LpNormalization { Axis = 1 }, Element("Sum", x, _builder.Scalar(0.5f))),
            _ => Apply(new MeanVarianceNormalization(), Element("Add", x, Weight(channels, Extent(x, 2), 1))),
        });
    }

    private bool Softmax() => FindShaped(2) is { } x && Done(Apply(_dice.OnceIn(2) ? new Softmax { Axis = _dice.Pick(-1, 1) } : new LogSoftmax(), x));
}
