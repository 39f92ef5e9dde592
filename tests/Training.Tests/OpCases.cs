using Anneal.Onnx;
using Anneal.Onnx.Ops;
using static Anneal.Training.Tests.Input;

namespace Anneal.Training.Tests;

/// <summary>The rows of the matrix.</summary>
public static partial class OpCases
{
    public static IEnumerable<OpCase> All() =>
    [
        .. Unaries(),
        .. Binaries(),
        .. Moves(),
        .. Reductions(),
        .. Products(),
        .. Convolutions(),
        .. Pools(),
        .. Softmaxes(),
        .. Norms(),
        .. Selections(),
        .. Generators(),
        .. Randoms(),
        .. Recurrents(),
        .. Quantised(),
        .. Bits(),
        .. Casts(),
        .. Indexing(),
        .. Scans(),
        .. Padding(),
        .. Resizing(),
        .. Samples(),
        .. Folds(),
        .. Spectra(),
        .. Attentions(),
        .. Fused(),
    ];

    private static IEnumerable<OpCase> Unaries()
    {
        // Bounds keep away from poles and kinks, where a difference quotient means nothing.
        foreach (var (name, least, greatest) in new[]
        {
            ("Abs", 0.1, 2), ("Acos", -0.9, 0.9), ("Acosh", 1.2, 4), ("Asin", -0.9, 0.9), ("Asinh", -3, 3), ("Atan", -3, 3),
            ("Atanh", -0.9, 0.9), ("Cos", -3, 3), ("Cosh", -2, 2), ("Erf", -3, 3), ("Exp", -3, 3), ("HardSwish", -2.9, 2.9),
            ("Log", 0.1, 4), ("Mish", -3, 3), ("Neg", -3, 3), ("Reciprocal", 0.3, 3), ("Relu", -2, 2), ("Sigmoid", -4, 4), ("Sin", -3, 3),
            ("Sinh", -2, 2), ("Softplus", -4, 4), ("Softsign", -3, 3), ("Sqrt", 0.1, 4), ("Tan", -1.2, 1.2), ("Tanh", -3, 3),
        })
            yield return new(name, new Elementwise(name), Real([3, 5], least, greatest)) { Opset = name is "Mish" ? 22 : 21, Tolerance = 2e-5 };
        foreach (var name in new[] { "Ceil", "Floor", "Round", "Sign" })
            yield return new(name, new Elementwise(name), Real([4, 9], -3, 3));
        yield return new("Relu over many chunks", new Elementwise("Relu"), Real([3, 11000]));
        yield return new("Elu", new Elu { Alpha = 1.5f }, Real([37])) { Tolerance = 1e-5 };
        yield return new("LeakyRelu", new LeakyRelu { Alpha = 0.2f }, Real([37]));
        yield return new("ThresholdedRelu", new ThresholdedRelu { Alpha = 0.7f }, Real([37]));
        yield return new("HardSigmoid", new HardSigmoid(), Real([37], -4, 4));
        yield return new("Selu", new Selu(), Real([37])) { Tolerance = 1e-5 };
        yield return new("Celu", new Celu { Alpha = 2 }, Real([37])) { Tolerance = 1e-5 };
        yield return new("Shrink", new Shrink { Lambd = 0.6f, Bias = 0.3f }, Real([37]));
        yield return new("Swish", new Swish { Alpha = 1.5f }, Real([37], -4, 4)) { Opset = 24, Tolerance = 1e-5 };
        yield return new("Gelu", new Gelu(), Real([37], -4, 4)) { Tolerance = 1e-5 };
        yield return new("Gelu by tanh", new Gelu { Approximate = "tanh" }, Real([37], -4, 4)) { Tolerance = 1e-5 };
    }

    private static IEnumerable<OpCase> Binaries()
    {
        int[][][] pairs = [[[3, 4], [3, 4]], [[2, 3, 4], [4]], [[2, 3, 4], [3, 1]], [[2, 1, 4], [1, 3, 1]], [[], [2, 3]], [[5], []], [[2, 3, 1, 5], [3, 7, 1]]];
        foreach (var name in new[] { "Add", "Sub", "Mul", "Div", "Max", "Min" })
            foreach (var pair in pairs)
                yield return new($"{name} [{string.Join(',', pair[0])}] [{string.Join(',', pair[1])}]", new Elementwise(name), Real(pair[0], 0.5, 3), Real(pair[1], 0.5, 3));
        yield return new("Add over many chunks", new Elementwise("Add"), Real([50000]), Real([50000]));
        yield return new("Mul by rows over many chunks", new Elementwise("Mul"), Real([300, 128]), Real([300, 1]));
        yield return new("Add of int64", new Elementwise("Add"), Given([1L, 2, 3], 3), Given([5L], 1)) { NoGradient = "integers" };
        yield return new("Div of int64 is cut", new Elementwise("Div"), Given([7L, -7, 9], 3), Given([2L], 1)) { NoGradient = "integers" };
        yield return new("Pow", new Elementwise("Pow"), Real([3, 4], 0.5, 2), Real([4], -2, 2)) { Tolerance = 1e-5 };
        yield return new("PRelu", new PRelu(), Real([2, 3, 4]), Real([3, 1], 0.1, 0.5));
        yield return new("SwiGLU", new SwiGLU { Alpha = 1.5f }, Real([2, 3]), Real([2, 3])) { Opset = 28, NotInRuntime = true };
        yield return new("Sum of three", new Elementwise("Sum"), Real([2, 3]), Real([3]), Real([2, 1]));
        yield return new("Mean of three", new Elementwise("Mean"), Real([2, 3]), Real([3]), Real([2, 1]));
        yield return new("Max of three", new Elementwise("Max"), Real([2, 3]), Real([3]), Real([2, 1]));
        yield return new("Mod with fmod", new Mod { Fmod = true }, Real([7], -5, 5), Real([7], 0.7, 0.8));
        yield return new("Mod of int64", new Mod(), Given([7L, -7, 7, -7], 4), Given([3L, 3, -3, -3], 4)) { NoGradient = "integers" };
        foreach (var name in new[] { "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual" })
            yield return new(name, new Elementwise(name, DType.Bool), Given([1f, 2, 3, 4, 5, 6], 2, 3), Given([3f, 2, 4], 3)) { NoGradient = "bool" };
        foreach (var (up, down) in new[] { (true, true), (true, false), (false, true), (false, false) })
            yield return new($"IsInf {up} {down}", new IsInf { DetectPositive = up, DetectNegative = down }, Given([1f, float.PositiveInfinity, float.NegativeInfinity, float.NaN], 4)) { NoGradient = "bool" };
        yield return new("IsNaN", new Elementwise("IsNaN", DType.Bool), Given([1f, float.PositiveInfinity, float.NaN, 0], 4)) { NoGradient = "bool" };
        foreach (var name in new[] { "And", "Or", "Xor" })
            yield return new(name, new Elementwise(name, DType.Bool), Given([true, true, false, false], 4), Given([true, false, true, false], 4)) { NoGradient = "bool" };
        yield return new("Not", new Elementwise("Not", DType.Bool), Given([true, false], 2)) { NoGradient = "bool" };
        yield return new("Where", new Where(), Given([true, false, true], 3), Real([2, 3]), Real([2, 1]));
        yield return new("Clip", new Clip(), Real([40]), Given([-1f], []), Given([1.5f], []));
        yield return new("Clip from below", new Clip(), Real([40]), Given([-1f], []));
    }

    private static IEnumerable<OpCase> Moves()
    {
        yield return new("Identity", new Identity(), Real([2, 3]));
        yield return new("Reshape", new Reshape(), Real([2, 3, 4]), Ints(4, -1));
        yield return new("Flatten", new Flatten { Axis = 2 }, Real([2, 3, 4, 5]));
        yield return new("Squeeze", new Squeeze(), Real([2, 1, 3, 1]), Ints(1, -1));
        yield return new("Unsqueeze", new Unsqueeze(), Real([2, 3]), Ints(0, 3));
        yield return new("Transpose", new Transpose(), Real([2, 3, 4]));
        yield return new("Transpose NCHW to NHWC", new Transpose { Perm = [0, 2, 3, 1] }, Real([2, 3, 4, 5]));
        yield return new("Expand", new Expand(), Real([3, 1]), Ints(2, 1, 4));
        yield return new("Concat", new Concat { Axis = 1 }, Real([2, 3, 4]), Real([2, 1, 4]), Real([2, 2, 4]));
        yield return new("Concat of five", new Concat { Axis = -1 }, Real([2, 1]), Real([2, 2]), Real([2, 1]), Real([2, 3]), Real([2, 1]));
        yield return new("Split", new Split { Axis = 1 }, Real([2, 6, 3]), Ints(1, 3, 2)) { Outputs = 3 };
        yield return new("Slice", new Slice(), Real([4, 6]), Ints(1, -5), Ints(3, 100), Ints(0, 1), Ints(1, 2));
        yield return new("Slice backwards", new Slice(), Real([4, 6]), Ints(-1), Ints(-100), Ints(1), Ints(-2));
        yield return new("Cast to int64", new Cast { To = DType.Int64 }, Fixed([9], -5, 5)) { NoGradient = "integers" };
        yield return new("CastLike", new CastLike(), Fixed([9], -5, 5), Given([1L], 1)) { NoGradient = "integers" };
        yield return new("Cast to bool", new Cast { To = DType.Bool }, Given([0f, 1, -0.5f], 3)) { NoGradient = "bool" };
    }

    private static IEnumerable<OpCase> Reductions()
    {
        foreach (var name in new[] { "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare" })
        {
            yield return new($"{name} of all", new Reduction(name) { Keepdims = false }, Real([3, 4], 0.5, 2)) { Tolerance = 1e-5 };
            yield return new($"{name} of the last axis", new Reduction(name), Real([2, 3, 4], 0.5, 2), Ints(-1)) { Tolerance = 1e-5 };
            yield return new($"{name} of axes 0, 2 and 3", new Reduction(name) { Keepdims = false }, Real([2, 3, 4, 2], 0.5, 2), Ints(0, 2, 3)) { Tolerance = 1e-5 };
        }
        yield return new("ReduceProd with a zero", new Reduction("ReduceProd"), RealGiven([1.5f, 0, 2, -1, 0.5f, 3], 2, 3), Ints(1));
        yield return new("ReduceProd with two zeros", new Reduction("ReduceProd") { Keepdims = false }, RealGiven([1.5f, 0, 2, 0, 0.5f, 3], 2, 3));
        yield return new("ReduceSum of a long row", new Reduction("ReduceSum"), Real([2, 5000]), Ints(1)) { Tolerance = 1e-5 };
        yield return new("ReduceSum of nothing", new Reduction("ReduceSum") { NoopWithEmptyAxes = true }, Real([2, 3]), Ints());
    }

    private static IEnumerable<OpCase> Products()
    {
        foreach (var (a, b) in new (int[], int[])[] { ([3, 4], [4, 5]), ([4], [4, 5]), ([3, 4], [4]), ([4], [4]), ([2, 3, 4], [4, 5]), ([2, 1, 3, 4], [3, 4, 5]), ([17, 33], [33, 29]) })
            yield return new($"MatMul [{string.Join(',', a)}] [{string.Join(',', b)}]", new MatMul(), Real(a), Real(b)) { Tolerance = 1e-5 };
        yield return new("Gemm", new Gemm(), Real([3, 4]), Real([4, 5]), Real([5])) { Tolerance = 1e-5 };
        yield return new("Gemm turned and scaled", new Gemm { TransA = true, TransB = true, Alpha = 0.5f, Beta = 2 }, Real([4, 3]), Real([5, 4]), Real([3, 1])) { Tolerance = 1e-5 };
    }

    private static IEnumerable<OpCase> Convolutions()
    {
        foreach (var (name, window, group, x, w) in new (string, Window, long, int[], int[])[]
        {
            ("3×3 with pads", new() { Pads = [1, 1, 1, 1] }, 1, [2, 3, 7, 6], [5, 3, 3, 3]),
            ("1×1", new(), 1, [2, 6, 5, 5], [9, 6, 1, 1]),
            ("stride 2", new() { Strides = [2, 2], Pads = [1, 1, 1, 1] }, 1, [2, 3, 9, 8], [4, 3, 3, 3]),
            ("7×7 stride 2", new() { Strides = [2, 2], Pads = [3, 3, 3, 3] }, 1, [1, 3, 15, 17], [4, 3, 7, 7]),
            ("uneven pads and kernel", new() { Pads = [0, 2, 1, 0] }, 1, [1, 2, 6, 5], [3, 2, 3, 2]),
            ("dilation 2", new() { Dilations = [2, 2], Pads = [2, 2, 2, 2] }, 1, [1, 2, 8, 9], [3, 2, 3, 3]),
            ("groups", new() { Pads = [1, 1, 1, 1] }, 2, [2, 4, 6, 6], [6, 2, 3, 3]),
            ("depthwise", new() { Pads = [1, 1, 1, 1], Strides = [2, 1] }, 4, [2, 4, 6, 7], [4, 1, 3, 3]),
            ("one axis", new() { Pads = [1, 1] }, 1, [2, 3, 11], [4, 3, 3]),
            ("three axes", new() { Pads = [1, 0, 1, 1, 0, 1], Strides = [1, 2, 1] }, 1, [1, 2, 4, 5, 4], [3, 2, 3, 2, 3]),
            ("same upper", new() { AutoPad = "SAME_UPPER", Strides = [2, 2] }, 1, [1, 2, 7, 8], [3, 2, 3, 3]),
            ("same lower", new() { AutoPad = "SAME_LOWER", Strides = [2, 2] }, 1, [1, 2, 8, 7], [3, 2, 3, 3]),
            ("valid", new() { AutoPad = "VALID" }, 1, [1, 2, 8, 7], [3, 2, 3, 3]),
        })
            yield return new($"Conv {name}", new Conv { Window = window, Group = group }, Real(x), Real(w), Real([w[0]])) { Tolerance = 1e-5 };
        yield return new("Conv without bias", new Conv(), Real([2, 3, 5, 40]), Real([33, 3, 2, 3])) { Tolerance = 1e-5 };
        foreach (var (name, op, x, w) in new (string, ConvTranspose, int[], int[])[]
        {
            ("3×3", new(), [2, 3, 4, 5], [3, 4, 3, 3]),
            ("stride 2 with pads", new() { Window = new() { Strides = [2, 2], Pads = [1, 1, 1, 1] } }, [1, 2, 4, 5], [2, 3, 3, 3]),
            ("output padding", new() { Window = new() { Strides = [2, 2], Pads = [1, 1, 1, 1] }, OutputPadding = [1, 1] }, [1, 2, 4, 5], [2, 3, 3, 3]),
            ("output shape", new() { Window = new() { Strides = [2, 2] }, OutputShape = [8, 10] }, [1, 2, 4, 5], [2, 3, 3, 3]),
            ("groups and dilation", new() { Window = new() { Dilations = [2, 1] }, Group = 2 }, [1, 4, 4, 5], [4, 3, 3, 3]),
            ("same upper", new() { Window = new() { AutoPad = "SAME_UPPER", Strides = [2, 2] } }, [1, 2, 4, 5], [2, 3, 3, 3]),
            ("one axis", new() { Window = new() { Strides = [3] } }, [2, 2, 5], [2, 3, 4]),
        })
            yield return new($"ConvTranspose {name}", op, Real(x), Real(w), Real([w[1] * (int)op.Group])) { Tolerance = 1e-5 };
    }

    private static IEnumerable<OpCase> Pools()
    {
        foreach (var (name, window, x) in new (string, Window, int[])[]
        {
            ("2×2", new() { KernelShape = [2, 2], Strides = [2, 2] }, [2, 3, 6, 8]),
            ("3×3 with pads", new() { KernelShape = [3, 3], Strides = [2, 2], Pads = [1, 1, 1, 1] }, [2, 3, 7, 8]),
            ("overlapping", new() { KernelShape = [3, 2] }, [1, 2, 5, 6]),
            ("one axis", new() { KernelShape = [3], Strides = [2], Pads = [1, 0] }, [2, 3, 9]),
            ("three axes", new() { KernelShape = [2, 2, 2], Strides = [1, 2, 1] }, [1, 2, 4, 5, 4]),
            ("same upper", new() { KernelShape = [3, 3], Strides = [2, 2], AutoPad = "SAME_UPPER" }, [1, 2, 6, 7]),
        })
        {
            yield return new($"MaxPool {name}", new MaxPool { Window = window }, Real(x));
            yield return new($"AveragePool {name}", new AveragePool { Window = window }, Real(x));
            yield return new($"LpPool {name}", new LpPool { Window = window }, Real(x, 0.1, 2)) { Opset = 18, Tolerance = 1e-5 };
        }
        var hanging = new Window { KernelShape = [3, 3], Strides = [2, 2], Pads = [0, 1, 0, 1] };
        yield return new("MaxPool over the end", new MaxPool { Window = hanging, CeilMode = true }, Real([1, 2, 6, 7]));
        yield return new("MaxPool with places", new MaxPool { Window = hanging }, Real([2, 2, 6, 7])) { Outputs = 2 };
        yield return new("MaxPool with dilation", new MaxPool { Window = new() { KernelShape = [2, 2], Dilations = [2, 3] } }, Real([1, 2, 6, 7]));
        yield return new("AveragePool with pads counted", new AveragePool { Window = hanging, CountIncludePad = true }, Real([1, 2, 6, 7]));
        foreach (var x in new int[][] { [2, 3, 5, 4], [2, 3, 7] })
        {
            yield return new($"GlobalAveragePool over {x.Length - 2}", new GlobalAveragePool(), Real(x));
            yield return new($"GlobalMaxPool over {x.Length - 2}", new GlobalMaxPool(), Real(x));
        }
        yield return new("GlobalLpPool", new GlobalLpPool(), Real([2, 3, 5, 4], 0.1, 2)) { Tolerance = 1e-5 };
    }

    private static IEnumerable<OpCase> Softmaxes()
    {
        foreach (var axis in new[] { -1, 0, 1 })
        {
            yield return new($"Softmax along {axis}", new Softmax { Axis = axis }, Real([3, 4, 5], -4, 4));
            yield return new($"LogSoftmax along {axis}", new LogSoftmax { Axis = axis }, Real([3, 4, 5], -4, 4));
        }
        yield return new("Softmax of large scores", new Softmax(), Real([2, 7], 900, 1000));
        yield return new("Hardmax", new Hardmax { Axis = 1 }, Fixed([3, 4, 5])) { NoGradient = "steps" };
        foreach (var reduction in new[] { "mean", "sum", "none" })
        {
            yield return new($"SoftmaxCrossEntropyLoss {reduction}", new SoftmaxCrossEntropyLoss { Reduction = reduction }, Real([4, 5]), Ints(0, 4, 2, 1)) { Tolerance = 1e-5 };
            yield return new($"SoftmaxCrossEntropyLoss {reduction} of pictures, weighted", new SoftmaxCrossEntropyLoss { Reduction = reduction, IgnoreIndex = 2 },
                Real([2, 3, 2]), Given([0L, 2, 1, 2], 2, 2), Given([0.5f, 2, 1], 3))
            { Tolerance = 1e-5 };
            yield return new($"NegativeLogLikelihoodLoss {reduction}", new NegativeLogLikelihoodLoss { Reduction = reduction }, Real([4, 5]), Ints(0, 4, 2, 1)) { Tolerance = 1e-5 };
        }
        yield return new("SoftmaxCrossEntropyLoss with logarithms", new SoftmaxCrossEntropyLoss(), Real([4, 5]), Ints(0, 4, 2, 1)) { Outputs = 2, Tolerance = 1e-5 };
    }

    private static IEnumerable<OpCase> Norms()
    {
        Input[] channels = [Real([3], 0.5, 2), Real([3])];
        yield return new("BatchNormalization", new BatchNormalization(), Real([2, 3, 4, 5]), channels[0], channels[1], Fixed([3]), Fixed([3], 0.5, 2)) { Opset = 15, Tolerance = 1e-5 };
        yield return new("BatchNormalization of vectors", new BatchNormalization { Epsilon = 0.1f }, Real([4, 3]), channels[0], channels[1], Fixed([3]), Fixed([3], 0.5, 2)) { Opset = 15, Tolerance = 1e-5 };
        yield return new("BatchNormalization in training", new BatchNormalization { TrainingMode = true, Momentum = 0.7f }, Real([4, 3, 3, 2]), channels[0], channels[1], Fixed([3]), Fixed([3], 0.5, 2)) { Opset = 15, Outputs = 3, Tolerance = 1e-5 };
        yield return new("InstanceNormalization", new InstanceNormalization(), Real([2, 3, 4, 5]), channels[0], channels[1]) { Tolerance = 2e-5 };
        yield return new("GroupNormalization", new GroupNormalization { NumGroups = 2 }, Real([2, 4, 3, 2]), Real([4], 0.5, 2), Real([4])) { Tolerance = 2e-5 };
        yield return new("LayerNormalization", new LayerNormalization(), Real([2, 3, 4]), Real([4]), Real([4])) { Tolerance = 2e-5 };
        yield return new("LayerNormalization with mean and rate", new LayerNormalization { Axis = 1 }, Real([2, 3, 4]), Real([3, 4])) { Outputs = 3, Tolerance = 2e-5 };
        yield return new("RMSNormalization", new RMSNormalization(), Real([2, 3, 4]), Real([4])) { Opset = 23, Tolerance = 2e-5 };
        yield return new("MeanVarianceNormalization", new MeanVarianceNormalization(), Real([2, 3, 4, 5])) { Tolerance = 2e-5 };
        yield return new("LpNormalization 1", new LpNormalization { P = 1, Axis = 1 }, Real([2, 3, 4], 0.1, 2)) { Tolerance = 1e-5 };
        yield return new("LpNormalization 2", new LpNormalization(), Real([2, 3, 4])) { Tolerance = 1e-5 };
        foreach (var size in new[] { 3, 5 })
            yield return new($"LRN over {size}", new LRN { Size = size, Alpha = 0.01f, Bias = 2 }, Real([2, 7, 3, 2])) { Tolerance = 1e-5 };
    }

    private static IEnumerable<OpCase> Selections()
    {
        yield return new("Gather of rows", new Gather(), Real([5, 3]), Given([4L, 0, -1, 4], 2, 2));
        yield return new("Gather along 1", new Gather { Axis = 1 }, Real([2, 5, 3]), Ints(3, 3, 0));
        yield return new("Gather by a scalar", new Gather { Axis = -1 }, Real([2, 5]), Given([2L]));
        foreach (var keep in new[] { true, false })
        {
            yield return new($"ArgMax {keep}", new ArgMax { Axis = 1, Keepdims = keep }, Fixed([2, 5, 3])) { NoGradient = "places" };
            yield return new($"ArgMin {keep}", new ArgMin { Axis = -1, Keepdims = keep, SelectLastIndex = true }, Given([3f, 1, 1, 2], 2, 2)) { NoGradient = "places" };
        }
        yield return new("TopK", new TopK { Axis = 1 }, Real([3, 6, 2]), Ints(2)) { Outputs = 2 };
        yield return new("TopK of the least", new TopK { Largest = false }, Real([3, 6]), Ints(4)) { Outputs = 2 };
        yield return new("TopK of many", new TopK(), Real([2, 300]), Ints(100)) { Outputs = 2, NoGradient = "neighbours trade places within a difference" };
        yield return new("TopK of equals", new TopK(), Given([1f, 2, 2, 1, 2, 0], 1, 6), Ints(4)) { Outputs = 2, NoGradient = "equal elements" };
        yield return new("Compress", new Compress { Axis = 1 }, Real([2, 4]), Given([true, false, true], 3));
        yield return new("Compress of all", new Compress(), Real([2, 3]), Given([false, true, true, false, true], 5));
        yield return new("OneHot", new OneHot { Axis = 1 }, Given([1L, -1, 7], 3), Given([4L]), Given([0.25f, 3], 2)) { NoGradient = "given" };
        yield return new("Tile", new Tile(), Real([2, 3]), Ints(2, 3));
        yield return new("DepthToSpace", new DepthToSpace { BlockSize = 2 }, Real([2, 8, 2, 3]));
        yield return new("DepthToSpace by columns", new DepthToSpace { BlockSize = 2, Mode = "CRD" }, Real([2, 8, 2, 3]));
        yield return new("SpaceToDepth", new SpaceToDepth { BlockSize = 2 }, Real([2, 3, 4, 6]));
        yield return new("Trilu upper", new Trilu(), Real([2, 3, 4]));
        yield return new("Trilu lower", new Trilu { Upper = false }, Real([3, 4]), Given([1L]));
    }

    private static IEnumerable<OpCase> Generators()
    {
        yield return new("Constant", new Constant { ValueFloats = [1, 2, 3] }) { NoGradient = "constant" };
        yield return new("ConstantOfShape", new ConstantOfShape { Value = TensorData.Create("v", [7L], 1) }, Ints(2, 3)) { NoGradient = "constant" };
        yield return new("Shape", new ShapeOf { Start = 1, End = -1 }, Fixed([2, 3, 4, 5])) { NoGradient = "constant" };
        yield return new("Size", new Size(), Fixed([2, 3])) { NoGradient = "constant" };
        yield return new("Range", new Onnx.Ops.Range(), Given([1L]), Given([10L]), Given([3L])) { NoGradient = "constant" };
        yield return new("Range of floats, backwards", new Onnx.Ops.Range(), Given([1f]), Given([-1f]), Given([-0.3f])) { NoGradient = "constant" };
        yield return new("EyeLike", new EyeLike { K = 1 }, Fixed([3, 4])) { NoGradient = "constant" };
    }
}
