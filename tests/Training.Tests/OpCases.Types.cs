using Anneal.Onnx;
using Anneal.Onnx.Ops;
using static Anneal.Training.Tests.Input;

namespace Anneal.Training.Tests;

public static partial class OpCases
{
    /// <summary>ONNX has these and ONNX Runtime does not; the engine has them all the same.</summary>
    private static readonly HashSet<string> NotInRuntime =
    [
        "NonZero of Double", "OneHot of Double", "Resize nearest of Double", "DepthToSpace of Int64", "SpaceToDepth of Int64", "Resize nearest of Int64",
        "DepthToSpace of Int32", "SpaceToDepth of Int32", "OneHot of Int32", "Unique of Int32", "Trilu of UInt8", "OneHot of UInt8", "Unique of UInt8",
        "EyeLike of UInt8", "Where of Bool", "DepthToSpace of Bool", "SpaceToDepth of Bool", "Resize nearest of Bool", "OneHot of Bool", "Unique of Bool",
        "EyeLike of Bool", "Einsum of UInt8",
    ];

    /// <summary>Element types beside float32, in which all other rows are.</summary>
    private static IEnumerable<OpCase> Types()
    {
        foreach (var type in new[] { DType.Double, DType.Int64, DType.Int32, DType.UInt8, DType.Bool })
            foreach (var row in AnyType(type))
                yield return Typed(type, row);
        foreach (var type in new[] { DType.Double, DType.Int64, DType.Int32, DType.UInt8 })
            foreach (var row in AnyNumbers(type))
                yield return Typed(type, row);
        foreach (var type in new[] { DType.Double, DType.Int64, DType.Int32 })
            foreach (var row in WideNumbers(type))
                yield return Typed(type, row);
        foreach (var row in Doubles())
            yield return Typed(DType.Double, row);
    }

    private static OpCase Typed(DType type, (string Name, Op Op, Input[] Inputs) row)
    {
        var name = $"{row.Name} of {type}";
        return new(name, row.Op, row.Inputs) { Outputs = row.Op is TopK or Unique ? 2 : 1, NoGradient = "a type", Tolerance = 1e-5, NotInRuntime = NotInRuntime.Contains(name) };
    }

    /// <summary>Operators that move elements and do not look at them.</summary>
    private static IEnumerable<(string Name, Op Op, Input[] Inputs)> AnyType(DType type)
    {
        var x = Of(type, 2, 3);
        yield return ("Concat", new Concat { Axis = 0 }, [x, Of(type, 1, 3)]);
        yield return ("Slice", new Slice(), [x, Ints(2), Ints(-9), Ints(1), Ints(-1)]);
        yield return ("Transpose", new Transpose(), [x]);
        yield return ("Expand", new Expand(), [x, Ints(2, 2, 3)]);
        yield return ("Tile", new Tile(), [x, Ints(1, 2)]);
        yield return ("Where", new Where(), [Given([true, false, true], 3), x, Of(type, 3)]);
        yield return ("Pad", new Pad(), [x, Ints(0, 1, 1, 0), Of(type)]);
        yield return ("Gather", new Gather { Axis = 1 }, [x, Given([1, -1], 2)]);
        yield return ("GatherElements", new GatherElements(), [x, Given([1, 0, -1], 1, 3)]);
        yield return ("GatherND", new GatherND(), [x, Given([1L, 2], 1, 2)]);
        yield return ("ScatterElements", new ScatterElements(), [x, Given([1, 0, 1], 1, 3), Of(type, 1, 3)]);
        yield return ("ScatterND", new ScatterND(), [x, Given([1L], 1, 1), Of(type, 1, 3)]);
        yield return ("Compress", new Compress { Axis = 1 }, [x, Given([true, false, true], 3)]);
        yield return ("NonZero", new NonZero(), [x]);
        yield return ("Trilu", new Trilu(), [x]);
        yield return ("ReverseSequence", new ReverseSequence(), [x, Ints(2, 1, 2)]);
        yield return ("DepthToSpace", new DepthToSpace { BlockSize = 2 }, [Of(type, 1, 4, 1, 2)]);
        yield return ("SpaceToDepth", new SpaceToDepth { BlockSize = 2 }, [Of(type, 1, 1, 2, 4)]);
        yield return ("Resize nearest", new Resize { CoordinateTransformationMode = "asymmetric" }, [x, None, None, Ints(4, 6)]);
        yield return ("OneHot", new OneHot(), [Ints(0, 2), Given([3L], 1), Of(type, 2)]);
        yield return ("Unique", new Unique(), [x]);
        yield return ("Equal", new Elementwise("Equal", DType.Bool), [x, Of(type, 3)]);
        yield return ("Identity", new Identity(), [x]);
        yield return ("EyeLike", new EyeLike(), [x]);
        yield return ("CenterCropPad", new CenterCropPad(), [x, Ints(3, 2)]);
        foreach (var to in new[] { DType.Float32, DType.Double, DType.Int64, DType.Int32, DType.UInt8, DType.Bool })
            yield return ($"Cast to {to}", new Cast { To = to }, [x]);
    }

    private static IEnumerable<(string Name, Op Op, Input[] Inputs)> AnyNumbers(DType type)
    {
        var (x, y) = (Of(type, 2, 3), Of(type, 3));
        foreach (var name in new[] { "Add", "Sub", "Mul", "Div", "Max", "Min" })
            yield return (name, new Elementwise(name), [x, y]);
        foreach (var name in new[] { "Less", "LessOrEqual", "Greater", "GreaterOrEqual" })
            yield return (name, new Elementwise(name, DType.Bool), [x, y]);
        foreach (var name in new[] { "Abs", "Sign" })
            yield return (name, new Elementwise(name), [x]);
        foreach (var name in new[] { "ReduceMax", "ReduceMin" })
            yield return (name, new Reduction(name), [x, Ints(1)]);
        yield return ("Mod", new Mod { Fmod = type == DType.Double }, [x, y]);
        yield return ("Clip", new Clip(), [x, One(type, 2), One(type, 4)]);
        yield return ("ArgMax", new ArgMax { Axis = 1 }, [x]);
        yield return ("ArgMin", new ArgMin { Axis = 1 }, [x]);
        yield return ("TopK", new TopK(), [x, Ints(2)]);
        yield return ("Einsum", new Einsum { Equation = "ij,kj->ik" }, [x, Of(type, 4, 3)]);
        foreach (var reduction in new[] { "add", "mul", "max", "min" })
            yield return ($"ScatterElements {reduction}", new ScatterElements { Reduction = reduction }, [x, Given([1, 0, 1], 1, 3), Of(type, 1, 3)]);
    }

    private static IEnumerable<(string Name, Op Op, Input[] Inputs)> WideNumbers(DType type)
    {
        var (x, y) = (Of(type, 2, 3), Of(type, 3));
        foreach (var name in new[] { "ReduceSum", "ReduceMean", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp" })
            yield return (name, new Reduction(name), [x, Ints(1)]);
        yield return ("Neg", new Elementwise("Neg"), [x]);
        yield return ("Pow", new Elementwise("Pow"), [x, y]);
        yield return ("Pow by float32", new Elementwise("Pow"), [x, Given([2f], 1)]);
        yield return ("Pow of float32", new Elementwise("Pow"), [Given([1.5f, 2, 3], 3), y]);
        yield return ("CumSum", new CumSum(), [x, Given([1L], [])]);
        yield return ("MatMul", new MatMul(), [x, Of(type, 3, 2)]);
        yield return ("Range", new Onnx.Ops.Range(), [One(type, 1), One(type, 9), One(type, 3)]);
        if (type != DType.Double)
            yield return ("OneHot by numbers", new OneHot(), [Of(type, 4), Of(type, 1), Given([0f, 1], 2)]);
    }

    /// <summary>What ONNX Runtime computes in double too.</summary>
    private static IEnumerable<(string Name, Op Op, Input[] Inputs)> Doubles()
    {
        var (x, image) = (Of(DType.Double, 2, 3), Of(DType.Double, 1, 2, 4, 5));
        foreach (var name in new[] { "Ceil", "Floor", "Round", "Exp", "Log", "Sqrt", "Reciprocal", "Sigmoid", "Tanh", "Sin", "Cos", "Relu" })
            yield return (name, new Elementwise(name), [x]);
        yield return ("IsNaN", new Elementwise("IsNaN", DType.Bool), [x]);
        yield return ("IsInf", new IsInf(), [x]);
        yield return ("Sum", new Elementwise("Sum"), [x, Of(DType.Double, 3)]);
        yield return ("Gemm", new Gemm { TransB = true }, [x, Of(DType.Double, 4, 3), Of(DType.Double, 4)]);
        yield return ("MaxPool", new MaxPool { Window = new() { KernelShape = [2, 2] } }, [image]);
        yield return ("Softmax", new Softmax(), [x]);
        yield return ("LogSoftmax", new LogSoftmax(), [x]);
        yield return ("LayerNormalization", new LayerNormalization { StashType = DType.Double }, [x, Of(DType.Double, 3)]);
        yield return ("LpNormalization", new LpNormalization(), [x]);
        yield return ("GridSample", new GridSample(), [image, Given([-0.5, 0.25, 0.1, 0.9], 1, 1, 2, 2)]);
        yield return ("AffineGrid", new AffineGrid(), [Of(DType.Double, 1, 2, 3), Ints(1, 1, 2, 3)]);
        yield return ("DFT", new DFT(), [Of(DType.Double, 1, 5, 1)]);
        yield return ("Pad reflect", new Pad { Mode = "reflect" }, [x, Ints(0, 2, 1, 0)]);
    }

    private static Input One(DType type, byte number) => Given([number], []).As(type);

    /// <summary>Small whole numbers above 0, in no order and some of them equal.</summary>
    private static Input Of(DType type, params int[] shape) =>
        Given([.. Enumerable.Range(0, TensorShape.Of(shape).ElementCount).Select(i => (byte)(1 + (i * 5 % 7)))], shape).As(type);
}
