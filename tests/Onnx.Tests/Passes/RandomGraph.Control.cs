using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Tests.Passes;

internal sealed partial class RandomGraph
{
    private bool _hasFunctions;

    private Func<bool>[] ControlSteps() => [Branch, Branch, Repeatedly, CallFunction, CallFunction, ConstantArithmetic, ConstantArithmetic, SizeOfThings];

    /// <summary>Two ways to the same type, which use values around them, constants of their own and a branch inside.</summary>
    private bool Branch()
    {
        var x = Find(_ => true)!;
        var condition = _dice.OnceIn(3) ? _builder.Scalar(_dice.OnceIn(2)) : _flag;
        var isNested = _dice.OnceIn(3);
        var (factor, unused) = (_dice.Number(), _dice.OnceIn(2));
        return Done(_builder.If(condition,
            then =>
            {
                if (unused)
                    then.Elementwise("Exp", x);
                return [then.Elementwise("Mul", then.Apply(new Identity(), x), then.Elementwise("Add", then.Scalar(factor), then.Scalar(0.5f)))];
            },
            otherwise => isNested
                ? otherwise.If(_flag, inner => [inner.Elementwise("Neg", x)], inner => [inner.Elementwise("Tanh", x)])
                : [otherwise.Elementwise("Relu", otherwise.Apply(new Dropout(), x))])[0]);
    }

    private bool Repeatedly()
    {
        if (FindShaped() is not { } x || Count(x) > MostElements / 4)
            return false;
        var (offset, most) = (Weight(1), _builder.Scalar((long)_dice.Between(1, 3)));
        var results = _builder.Loop(most, _dice.OnceIn(2) ? _builder.Scalar(true) : null, [x], (body, round) =>
        {
            var next = body.Elementwise("Tanh", body.Elementwise("Add", round.Carried[0], body.Elementwise("Mul", offset, body.Scalar(2f))));
            var mean = body.Apply(new Reduction("ReduceMean") { Keepdims = false }, next);
            return new(body.Apply(new Identity(), round.GoesOn), [next], [mean]);
        });
        return Done(results[0]) & Done(results[1]);
    }

    private bool CallFunction()
    {
        if (!_hasFunctions)
            DefineFunctions();
        _hasFunctions = true;
        var x = Find(_ => true)!;
        return Done(_dice.OnceIn(2)
            ? _builder.Call("own", "Leaky", [x], [x.Type], NodeAttribute.Of("slope", 0.3f))[0]
            : _builder.Call("own", "Gated", [x, Weight(1)], [x.Type])[0]);
    }

    private void DefineFunctions()
    {
        var body = new GraphBuilder("gated", _builder.Opset);
        var x = body.Input("gx", DType.Float32);
        var inner = body.Elementwise("Mul", x, body.Elementwise("Sigmoid", body.Elementwise("Mul", x, body.Input("gw", DType.Float32))));
        body.Output("gy", body.Elementwise("Add", inner, body.Apply(new Constant { ValueFloat = 0.1f })));
        _builder.Define(body.BuildFunction("own", "Gated"));

        var leaky = new Graph("leaky");
        var node = leaky.AddNode("LeakyRelu", [leaky.AddInput("lx")], ["ly"], NodeAttribute.Reference("alpha", AttributeKind.Float, "slope"));
        leaky.AddOutput(node.Outputs[0]!);
        var function = new Function("own", "Leaky", leaky) { OperatorSets = { [""] = _builder.Opset } };
        function.Attributes.Add("slope");
        _builder.Define(function);
    }

    /// <summary>A scalar that is constant, in several operators, for a value to be scaled with.</summary>
    private bool ConstantArithmetic()
    {
        var x = Find(_ => true)!;
        var constant = _dice.Roll(6) switch
        {
            0 => Element("Add", Weight(1), Element("Sqrt", Positive(1))),
            1 => Apply(new Cast { To = DType.Float32 }, Element("Div", Apply(new Size(), Weight(3, 2)), _builder.Scalar(4L))),
            2 => Apply(new Reduction("ReduceMean") { Keepdims = false }, Weight(2, 3)),
            3 => Apply(new Constant { ValueFloat = 0.75f }),
            4 => Apply(new ConstantOfShape { Value = TensorData.Create<float>("", [0.25f], 1) }, _builder.Ints(1)),
            _ => Apply(new Gather(), Apply(new Cast { To = DType.Float32 }, Apply(new Onnx.Ops.Range(), _builder.Scalar(0L), _builder.Scalar(3L), _builder.Scalar(1L))), _builder.Scalar(1L)),
        };
        return Done(Element(_dice.Pick("Add", "Mul"), x, constant));
    }

    /// <summary>A value divided by the number of its elements: known only when the batch is.</summary>
    private bool SizeOfThings()
    {
        var x = Find(_ => true)!;
        var shape = Apply(new ShapeOf(), x);
        _others.Add(shape);
        var count = _dice.OnceIn(2) ? Apply(new Size(), x) : Apply(new Reduction("ReduceProd") { Keepdims = false }, shape);
        return Done(Element("Div", x, Element("Add", Apply(new Cast { To = DType.Float32 }, count), _builder.Scalar(1f))));
    }
}
