using Anneal.Onnx.Ops;
using static Anneal.Training.Tests.Input;

namespace Anneal.Training.Tests;

public static partial class OpCases
{
    private static IEnumerable<OpCase> Indexing()
    {
        yield return new("GatherElements", new GatherElements { Axis = 1 }, Real([3, 4]), Given([0L, 2, -1, 1, 1, 0], 3, 2));
        yield return new("GatherElements along the first axis", new GatherElements { Axis = -3 }, Real([4, 3, 2]), Given([3L, 0, 0, 0, 1, 2, 3, -4], 2, 2, 2));
        yield return new("GatherElements of int32", new GatherElements(), Given([7, 8, 9], 3), Given([2, 0], 2)) { NoGradient = "integers" };
        yield return new("GatherND of elements", new GatherND(), Real([3, 4]), Given([0L, 1, -1, 2, 0, 1], 3, 2));
        yield return new("GatherND of rows", new GatherND(), Real([3, 2, 5]), Given([2L, 0, -3], 3, 1));
        yield return new("GatherND in batches", new GatherND { BatchDims = 1 }, Real([2, 3, 4, 2]), Given([1L, 0, 2, 3, 0, 0, 2, -1], 2, 2, 2));
        yield return new("GatherND of bool", new GatherND(), Given([true, false, true], 3), Given([2L, 1], 2, 1)) { NoGradient = "bool" };
        // Which of two updates stays is the last here, and whichever in ONNX Runtime: without a reduction none are twice.
        foreach (var reduction in new[] { "none", "add", "mul", "max", "min" })
        {
            var numbers = reduction == "none" ? new[] { 2L, 0, -1, 1, 1, 0 } : [2, 2, -1, 1, 1, 1];
            var other = reduction == "none" ? new[] { 3L, 0, 1, 2, -2, 1 } : [3, 0, 3, 0, 3, 0];
            yield return new($"ScatterElements {reduction}", new ScatterElements { Axis = 1, Reduction = reduction }, Real([3, 4]), Given(numbers, 3, 2), Real([3, 2]));
            yield return new($"ScatterElements {reduction} along the first axis", new ScatterElements { Reduction = reduction }, Real([4, 2, 2]), Given(other, 3, 2, 1), Real([3, 2, 1]));
            yield return new($"ScatterND {reduction} of rows", new ScatterND { Reduction = reduction }, Real([4, 3]), Given<long>(reduction == "none" ? [1L, -1] : [3L, -1], 2, 1), Real([2, 3]));
            yield return new($"ScatterND {reduction} of elements", new ScatterND { Reduction = reduction }, Real([3, 4]), Given<long>(reduction == "none" ? [0L, 1, 2, -1] : [0L, 1, 0, 1], 2, 2), Real([2]));
        }
        yield return new("ScatterElements of int64", new ScatterElements { Reduction = "add" }, Given([1L, 2, 3], 3), Given([1L, 1], 2), Given([5L, 6], 2)) { NoGradient = "integers" };
        yield return new("ScatterND of zeros that multiply", new ScatterND { Reduction = "mul" }, RealGiven([2, 0], 2), Given([0L, 0, 1], 3, 1), RealGiven([0, 3, 2], 3));
        yield return new("ScatterElements of rows over many parts", new ScatterElements { Reduction = "add" }, Real([3, 2100]), Given([.. Enumerable.Range(0, 6300).Select(i => (long)(i * 7 % 3))], 3, 2100), Real([3, 2100]));
        yield return new("Gather over many parts", new Gather(), Real([40, 500]), Given([.. Enumerable.Range(0, 90).Select(i => (long)(i * 7 % 40))], 90)) { Tolerance = 1e-5 };
        yield return new("TensorScatter", new TensorScatter(), Real([2, 5, 3]), Real([2, 2, 3]), Ints(1, 3)) { Opset = 24 };
        yield return new("TensorScatter round the end", new TensorScatter { Mode = "circular" }, Real([2, 2, 4, 3]), Real([2, 2, 2, 3]), Ints(3, 0)) { Opset = 24 };
        yield return new("ReverseSequence by batch", new ReverseSequence { BatchAxis = 0, TimeAxis = 1 }, Real([3, 4, 2]), Ints(4, 1, 3));
        yield return new("ReverseSequence by time", new ReverseSequence(), Real([4, 3]), Ints(2, 4, 3));
        yield return new("NonZero", new NonZero(), Given([1f, 0, -2, 0, 0, 3], 2, 3)) { NoGradient = "places" };
        yield return new("NonZero of bool", new NonZero(), Given([true, false, true, true, false, false, false, true], 2, 2, 2)) { NoGradient = "places" };
        yield return new("Unique", new Unique(), Given([2f, 1, 1, 3, 4, 3], 6)) { Outputs = 4 };
        yield return new("Unique as they occur", new Unique { Sorted = false }, Real([2, 3])) { Outputs = 4 };
        yield return new("Unique rows", new Unique { Axis = 0 }, Given([1L, 0, 0, 1, 0, 0, 2, 3, 4], 3, 3)) { Outputs = 4, NoGradient = "integers" };
        yield return new("Unique columns", new Unique { Axis = -1 }, Given([1f, 1, 0, 5, 5, 2], 2, 3)) { Outputs = 4 };
    }

    private static IEnumerable<OpCase> Scans()
    {
        foreach (var (exclusive, reverse) in new[] { (false, false), (true, false), (false, true), (true, true) })
        {
            yield return new($"CumSum {exclusive} {reverse}", new CumSum { Exclusive = exclusive, Reverse = reverse }, Real([2, 5, 3]), Given([1L]));
            yield return new($"CumProd {exclusive} {reverse}", new CumProd { Exclusive = exclusive, Reverse = reverse }, Real([2, 5, 3]), Given([1L])) { NotInRuntime = true };
            yield return new($"CumProd {exclusive} {reverse} through zeros", new CumProd { Exclusive = exclusive, Reverse = reverse }, RealGiven([2, 0, 3, -1, 0.5f, 4, 0, 0], 2, 4), Given([1L])) { NotInRuntime = true };
        }
        yield return new("CumSum of the last axis", new CumSum(), Real([3, 70]), Given([-1], []));
        yield return new("CumSum of int32", new CumSum { Reverse = true }, Given([1, 2, 3, 4], 4), Given([0])) { NoGradient = "integers" };
    }

    private static IEnumerable<OpCase> Padding()
    {
        yield return new("Pad", new Pad(), Real([2, 3]), Ints(1, 0, 2, 3), Real([]));
        yield return new("Pad by zeros", new Pad(), Real([2, 3, 4]), Ints(0, 1, 2, 0, 0, 1));
        yield return new("Pad of some axes", new Pad(), Real([2, 3, 4]), Ints(1, 2, 3, 0), None, Ints(-1, 0));
        yield return new("Pad that takes off", new Pad(), Real([4, 5]), Ints(-1, 2, -2, -1), Real([]));
        yield return new("Pad of bool", new Pad(), Given([true, true], 2), Ints(1, 2)) { NoGradient = "bool" };
        yield return new("Pad of int64", new Pad(), Given([1L, 2], 2), Ints(1, 2), Given([9L])) { NoGradient = "integers" };
        foreach (var mode in new[] { "reflect", "edge", "wrap" })
        {
            yield return new($"Pad {mode}", new Pad { Mode = mode }, Real([2, 4, 3]), Ints(0, 2, 1, 0, 3, 2));
            yield return new($"Pad {mode} that takes off in front", new Pad { Mode = mode }, Real([6]), Ints(-2, 2));
            yield return new($"Pad {mode} of an axis", new Pad { Mode = mode }, Real([3, 4]), Ints(1, 2), None, Ints(1));
        }
        yield return new("CenterCropPad", new CenterCropPad(), Real([5, 4, 3]), Ints(2, 7, 3));
        yield return new("CenterCropPad of the last axes", new CenterCropPad { Axes = [-2, -1] }, Real([2, 6, 3]), Ints(3, 4));
    }

    private static IEnumerable<OpCase> Resizing()
    {
        foreach (var transformation in new[] { "half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "align_corners", "asymmetric" })
            foreach (var (sizes, name) in new[] { (new[] { 1L, 2, 7, 11 }, "up"), ([1, 2, 3, 4], "down"), ([1, 2, 1, 9], "both ways") })
            {
                yield return new($"Resize linear {transformation} {name}", new Resize { Mode = "linear", CoordinateTransformationMode = transformation }, Real([1, 2, 5, 6]), None, None, Ints(sizes)) { Tolerance = 1e-5 };
                yield return new($"Resize cubic {transformation} {name}", new Resize { Mode = "cubic", CoordinateTransformationMode = transformation }, Real([1, 2, 5, 6]), None, None, Ints(sizes)) { Tolerance = 2e-5 };
            }
        foreach (var nearest in new[] { "round_prefer_floor", "round_prefer_ceil", "floor", "ceil" })
            foreach (var transformation in new[] { "half_pixel", "asymmetric", "align_corners" })
                yield return new($"Resize nearest {nearest} {transformation}", new Resize { NearestMode = nearest, CoordinateTransformationMode = transformation }, Real([1, 2, 4, 6]), None, Given([1f, 1, 2.25f, 0.5f], 4));
        yield return new("Resize nearest of int32", new Resize { CoordinateTransformationMode = "asymmetric", NearestMode = "floor" }, Given([1, 2, 3, 4], 1, 1, 2, 2), None, Given([1f, 1, 2, 2], 4)) { NoGradient = "integers" };
        yield return new("Resize linear of one axis", new Resize { Mode = "linear", Axes = [2] }, Real([2, 1, 9]), None, Given([1.75f], 1)) { Tolerance = 1e-5 };
        yield return new("Resize linear of three axes", new Resize { Mode = "linear" }, Real([1, 1, 3, 4, 5]), None, None, Ints(1, 1, 5, 3, 8)) { Tolerance = 1e-5 };
        yield return new("Resize cubic without what lies outside", new Resize { Mode = "cubic", ExcludeOutside = true, CubicCoeffA = -0.5f }, Real([1, 2, 5, 6]), None, None, Ints(1, 2, 8, 3)) { Tolerance = 2e-5 };
        foreach (var mode in new[] { "linear", "cubic" })
            yield return new($"Resize {mode} with a wide filter", new Resize { Mode = mode, Antialias = true, ExcludeOutside = true }, Real([1, 2, 9, 11]), None, None, Ints(1, 2, 4, 3)) { Tolerance = 2e-5 };
        yield return new("Resize no larger", new Resize { Mode = "linear", KeepAspectRatioPolicy = "not_larger", Axes = [2, 3] }, Real([1, 1, 4, 6]), None, None, Ints(7, 8)) { Tolerance = 1e-5 };
        yield return new("Resize no smaller", new Resize { Mode = "linear", KeepAspectRatioPolicy = "not_smaller", Axes = [3, 2] }, Real([1, 1, 4, 6]), None, None, Ints(7, 8)) { Tolerance = 1e-5 };
        yield return new("Resize of a region", new Resize { Mode = "linear", CoordinateTransformationMode = "tf_crop_and_resize", ExtrapolationValue = 10 },
            Real([1, 1, 5, 6]), Given([0f, 0, 0.2f, 0.4f, 1, 1, 0.9f, 1.3f], 8), None, Ints(1, 1, 4, 5))
        { Tolerance = 1e-5 };
        yield return new("Upsample nearest", new Upsample(), Real([1, 2, 2, 3]), Given([1f, 1, 2, 3], 4)) { Opset = 9 };
        yield return new("Upsample linear", new Upsample { Mode = "linear" }, Real([1, 2, 2, 3]), Given([1f, 1, 2, 3], 4)) { Opset = 9, Tolerance = 1e-5 };
    }

    private static IEnumerable<OpCase> Samples()
    {
        foreach (var align in new[] { true, false })
        {
            yield return new($"AffineGrid of pictures {align}", new AffineGrid { AlignCorners = align }, Real([2, 2, 3]), Ints(2, 1, 3, 4)) { Opset = 20 };
            yield return new($"AffineGrid of volumes {align}", new AffineGrid { AlignCorners = align }, Real([1, 3, 4]), Ints(1, 1, 2, 3, 4)) { Opset = 20 };
            foreach (var padding in new[] { "zeros", "border", "reflection" })
                foreach (var mode in new[] { "linear", "nearest", "cubic" })
                    yield return new($"GridSample {mode} {padding} {align}", new GridSample { Mode = mode, PaddingMode = padding, AlignCorners = align },
                        Real([2, 3, 4, 5]), Real([2, 3, 4, 2], -0.9, 0.9))
                    { Tolerance = 2e-5 };
            yield return new($"GridSample far outside {align}", new GridSample { PaddingMode = "reflection", AlignCorners = align }, Real([1, 2, 4, 5]), Real([1, 3, 4, 2], -4, 4)) { Tolerance = 2e-5 };
            yield return new($"GridSample outside {align}", new GridSample { AlignCorners = align }, Real([1, 2, 4, 5]), Real([1, 3, 4, 2], -1.6, 1.6)) { Tolerance = 2e-5 };
        }
        yield return new("GridSample of volumes", new GridSample(), Real([1, 2, 3, 4, 5]), Real([1, 2, 2, 2, 3], -1.1, 1.1)) { Tolerance = 2e-5 };
        yield return new("RoiAlign", new RoiAlign { OutputHeight = 2, OutputWidth = 3, SamplingRatio = 2, SpatialScale = 0.5f },
            Real([2, 3, 8, 9]), Given([1f, 2, 9, 11, 3, 1, 14, 12, -3, -2, 20, 19], 3, 4), Ints(0, 1, 1))
        { Tolerance = 1e-5 };
        yield return new("RoiAlign with as many samples as a cell is wide", new RoiAlign { OutputHeight = 2, OutputWidth = 2, CoordinateTransformationMode = "output_half_pixel" },
            Real([1, 2, 7, 7]), Given([0.5f, 1, 6, 5.5f], 1, 4), Ints(0))
        { Tolerance = 1e-5 };
        yield return new("RoiAlign of the greatest", new RoiAlign { OutputHeight = 2, OutputWidth = 2, SamplingRatio = 2, Mode = "max" },
            Real([1, 2, 7, 7], 0.5, 2), Given([0.5f, 1, 6, 5.5f], 1, 4), Ints(0))
        { Tolerance = 1e-5 };
        yield return new("MaxRoiPool", new MaxRoiPool { PooledShape = [2, 3], SpatialScale = 0.5f }, Real([2, 2, 6, 7]), Given([0f, 1, 2, 11, 9, 1, 4, 0, 8, 30], 2, 5));
        yield return new("DeformConv", new DeformConv { Window = new() { Pads = [1, 0, 0, 1], Strides = [1, 2] } },
            Real([2, 2, 5, 6]), Real([3, 2, 2, 3]), Real([2, 12, 5, 3], -0.9, 0.9), Real([3]))
        { Tolerance = 2e-5 };
        yield return new("DeformConv with groups and a mask", new DeformConv { Group = 2, OffsetGroup = 2, Window = new() { Dilations = [2, 1] } },
            Real([1, 4, 6, 5]), Real([4, 2, 2, 2]), Real([1, 16, 4, 4], -0.9, 0.9), Real([4]), Real([1, 8, 4, 4], 0, 1))
        { Tolerance = 2e-5 };
    }

    private static IEnumerable<OpCase> Folds()
    {
        yield return new("Col2Im", new Col2Im { Pads = [1, 0, 1, 0], Strides = [1, 2] }, Real([2, 12, 15]), Ints(4, 7), Ints(2, 3)) { Tolerance = 1e-5 };
        yield return new("Col2Im with gaps", new Col2Im { Dilations = [1, 3] }, Real([1, 4, 12]), Ints(5, 6), Ints(2, 2)) { Tolerance = 1e-5 };
        yield return new("Col2Im of volumes", new Col2Im(), Real([1, 8, 12]), Ints(3, 4, 3), Ints(2, 2, 2)) { Tolerance = 1e-5 };
        yield return new("MaxUnpool", new MaxUnpool { KernelShape = [2, 2], Strides = [2, 2] }, Real([1, 2, 2, 2]), Given([0L, 3, 9, 14, 16, 19, 28, 31], 1, 2, 2, 2));
        yield return new("MaxUnpool with an output shape", new MaxUnpool { KernelShape = [2], Strides = [2] }, Real([1, 1, 3]), Given([0L, 3, 4], 1, 1, 3), Ints(1, 1, 7));
        yield return new("Det", new Det(), Real([4, 3, 3])) { Opset = 22, Tolerance = 1e-5 };
        yield return new("Det of a singular matrix", new Det(), Real([2, 2], 1, 1)) { Opset = 22 };
        foreach (var (equation, shapes) in new (string, int[][])[]
        {
            ("ij,jk->ik", [[3, 4], [4, 5]]), ("bij,bjk->bik", [[2, 3, 4], [2, 4, 5]]), ("i,i", [[5], [5]]), ("ij->i", [[3, 4]]), ("ij->ji", [[3, 4]]),
            ("...ii->...i", [[2, 3, 3]]), ("i,j->ij", [[3], [4]]), ("bhwc,hkc->bhwk", [[2, 3, 4, 5], [3, 6, 5]]), ("ij,jk,kl->il", [[2, 3], [3, 4], [4, 5]]),
            ("...ij,...jk->...ik", [[2, 1, 3, 4], [2, 5, 4, 2]]), ("ij,ij->", [[3, 4], [3, 4]]), ("ijk,ik->jk", [[2, 3, 4], [2, 4]]),
        })
            yield return new($"Einsum {equation}", new Einsum { Equation = equation }, [.. shapes.Select(shape => Real(shape))]) { Tolerance = 1e-5 };
    }

    private static IEnumerable<OpCase> Spectra()
    {
        foreach (var name in new[] { "BlackmanWindow", "HammingWindow", "HannWindow" })
            foreach (var periodic in new[] { true, false })
                yield return new($"{name} {periodic}", new SignalWindow(name) { Periodic = periodic }, Given([9L])) { NoGradient = "constant", Tolerance = 1e-5 };
        foreach (var (name, op, shape, length, axis) in new (string, DFT, int[], long?, long?)[]
        {
            ("of a real signal", new(), [2, 7, 1], null, null),
            ("of a complex signal", new(), [2, 8, 2], null, 1),
            ("along the first axis", new(), [5, 3, 2], null, 0),
            ("onesided", new() { Onesided = true }, [2, 9, 1], null, -2),
            ("cut", new(), [2, 9, 2], 6, null),
            ("filled up", new() { Onesided = true }, [2, 5, 1], 8, 1),
            ("back", new() { Inverse = true }, [2, 7, 2], null, null),
        })
            yield return new($"DFT {name}", op, axis is { } a ? [Real(shape), length is { } l ? Given([l]) : None, Given([a])] : length is { } only ? [Real(shape), Given([only])] : [Real(shape)]) { Opset = 20, Tolerance = 1e-5 };
        yield return new("DFT back to a real signal", new DFT { Inverse = true, Onesided = true }, Real([2, 5, 2])) { Opset = 20, Tolerance = 1e-5 };
        yield return new("STFT", new STFT(), Real([2, 20, 1]), Given([4L]), Real([8])) { Tolerance = 1e-5 };
        yield return new("STFT without a window", new STFT { Onesided = false }, Real([1, 17, 1]), Given([3L]), None, Given([6L])) { Tolerance = 1e-5 };
        yield return new("MelWeightMatrix", new MelWeightMatrix(), Given([8L]), Given([32L]), Given([8192L]), Given([0f]), Given([4096f])) { NoGradient = "constant", Tolerance = 1e-5 };
    }

    private static IEnumerable<OpCase> Attentions()
    {
        Input[] heads = [Real([2, 4, 3, 8]), Real([2, 2, 5, 8]), Real([2, 2, 5, 6])];
        yield return new("Attention", new Attention(), heads) { Opset = 23, Tolerance = 2e-5 };
        yield return new("Attention side by side", new Attention { QNumHeads = 4, KvNumHeads = 2, Scale = 0.3f }, Real([2, 3, 16]), Real([2, 5, 8]), Real([2, 5, 6])) { Opset = 23, Tolerance = 2e-5 };
        yield return new("Attention with a cap", new Attention { Softcap = 2 }, Real([1, 2, 3, 4]), Real([1, 2, 3, 4]), Real([1, 2, 3, 4])) { Opset = 23, Tolerance = 2e-5 };
        yield return new("Attention that looks back", new Attention { IsCausal = true }, Real([1, 2, 4, 4]), Real([1, 2, 4, 4]), Real([1, 2, 4, 4])) { Opset = 23, Tolerance = 2e-5 };
        yield return new("Attention with a mask of numbers", new Attention(), [.. heads, Real([3, 5])]) { Opset = 23, Tolerance = 2e-5 };
        yield return new("Attention with a mask of bool", new Attention(), Real([1, 1, 2, 4]), Real([1, 1, 3, 4]), Real([1, 1, 3, 4]), Given([true, false, true, false, true, true], 2, 3)) { Opset = 23, Tolerance = 2e-5 };
        yield return new("Attention after tokens before", new Attention { IsCausal = true }, Real([1, 2, 2, 4]), Real([1, 2, 2, 4]), Real([1, 2, 2, 4]), None, Real([1, 2, 3, 4]), Real([1, 2, 3, 4])) { Opset = 23, Outputs = 3, Tolerance = 2e-5 };
        yield return new("Attention that sees nothing", new Attention(), Real([1, 1, 2, 4]), Real([1, 1, 2, 4]), Real([1, 1, 2, 4]), Given([false, false, true, true], 2, 2)) { Opset = 23, Tolerance = 2e-5 };
        foreach (var interleaved in new[] { true, false })
        {
            yield return new($"RotaryEmbedding {interleaved}", new RotaryEmbedding { Interleaved = interleaved }, Real([2, 3, 4, 8]), Real([10, 4]), Real([10, 4]), Given([0L, 1, 2, 3, 9, 8, 7, 6], 2, 4)) { Opset = 23, Tolerance = 1e-5 };
            yield return new($"RotaryEmbedding of a part {interleaved}", new RotaryEmbedding { Interleaved = interleaved, NumHeads = 2, RotaryEmbeddingDim = 4 }, Real([2, 3, 12]), Real([2, 3, 2]), Real([2, 3, 2])) { Opset = 23, Tolerance = 1e-5 };
        }
        Input[] sequences = [Real([2, 4, 6]), Real([2, 4, 3]), Real([2, 4, 2])];
        var state = Real([2, 1, 3, 2]);
        yield return new("LinearAttention", new LinearAttention { QNumHeads = 2, KvNumHeads = 1, UpdateRule = "linear" }, sequences) { NotInRuntime = true, Outputs = 2, Tolerance = 2e-5 };
        yield return new("LinearAttention gated", new LinearAttention { QNumHeads = 2, KvNumHeads = 1, UpdateRule = "gated", Scale = 0.5f }, [.. sequences, state, Real([2, 4, 1], -1, 0)]) { NotInRuntime = true, Outputs = 2, Tolerance = 2e-5 };
        yield return new("LinearAttention corrected", new LinearAttention { QNumHeads = 2, KvNumHeads = 1, UpdateRule = "delta" }, [.. sequences, state, None, Real([2, 4, 1], 0, 1)]) { NotInRuntime = true, Outputs = 2, Tolerance = 2e-5 };
        yield return new("LinearAttention gated and corrected", new LinearAttention { QNumHeads = 2, KvNumHeads = 1 }, [.. sequences, state, Real([2, 4, 3], -1, 0), Real([2, 4, 1], 0, 1)]) { NotInRuntime = true, Outputs = 2, Tolerance = 2e-5 };
        foreach (var activation in new[] { "none", "silu" })
            yield return new($"CausalConvWithState {activation}", new CausalConvWithState { Activation = activation }, Real([2, 3, 5]), Real([3, 1, 4]), Real([3]), Real([2, 3, 3])) { NotInRuntime = true, Outputs = 2, Tolerance = 2e-5 };
        yield return new("CausalConvWithState without what came before", new CausalConvWithState(), Real([2, 3, 5]), Real([3, 1, 3])) { NotInRuntime = true, Tolerance = 2e-5 };
    }
}
