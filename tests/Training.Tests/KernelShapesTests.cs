using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Ops;

namespace Anneal.Training.Tests;

/// <summary>
/// Matrix products and convolutions on the processor against their definitions, at shapes that leave a rest in every direction: tiles, blocks of
/// depth, vectors, pads, strides, dilations and groups. <see cref="InstructionSetTests"/> runs them on lesser processors too.
/// </summary>
public sealed class KernelShapesTests
{
    /// <summary>[M,K] · [K,N]: single elements, whole tiles, tiles and a rest, several blocks of depth, several blocks of rows and columns.</summary>
    public static TheoryData<int, int, int> Products => new()
    {
        { 1, 1, 1 }, { 3, 4, 5 }, { 6, 16, 16 }, { 8, 8, 48 }, { 7, 17, 33 }, { 8, 300, 50 }, { 100, 650, 130 }, { 1, 1000, 37 }, { 300, 33, 1030 },
        { 5, 0, 3 }, { 13, 641, 1 }, { 16, 9, 49 },
    };

    /// <summary>Images, channels, extents, filters, kernel, stride, dilation, pad, groups.</summary>
    public static TheoryData<int, int, int, int, int, int, int, int, int, int, int> Convolutions
    {
        get
        {
            var data = new TheoryData<int, int, int, int, int, int, int, int, int, int, int>();
            foreach (var (images, channels, height, width, filters) in new[] { (2, 4, 9, 8, 8), (3, 8, 7, 19, 12) })
                foreach (var (kernelHeight, kernelWidth, pad) in new[] { (1, 1, 0), (3, 3, 1), (4, 2, 2), (1, 3, 0) })
                    foreach (var (stride, dilation) in new[] { (1, 1), (2, 1), (1, 2), (3, 2) })
                        foreach (var groups in new[] { 1, 2, 4 })
                            data.Add(images, channels, height, width, filters, kernelHeight, kernelWidth, stride, dilation, pad, groups);
            data.Add(1, 40, 7, 7, 20, 3, 3, 1, 1, 1, 1);
            data.Add(1, 3, 23, 21, 10, 7, 7, 2, 1, 3, 1);
            data.Add(1, 3, 30, 27, 5, 11, 11, 4, 1, 2, 1);
            data.Add(2, 6, 8, 9, 6, 3, 3, 1, 1, 1, 6);
            data.Add(2, 6, 8, 9, 12, 3, 3, 2, 1, 1, 6);
            data.Add(4, 70, 3, 3, 33, 3, 3, 1, 1, 1, 1);
            return data;
        }
    }

    [Theory, MemberData(nameof(Products))]
    public void A_product_is_its_definition_whichever_side_is_turned(int m, int k, int n)
    {
        using var off = Grad.Off();
        foreach (var turnA in new[] { false, true })
            foreach (var turnB in new[] { false, true })
            {
                var (a, b) = (Draw(1, turnA ? [k, m] : [m, k]), Draw(2, turnB ? [n, k] : [k, n]));
                var expected = new double[m * n];
                var (x, y) = (a.ToArray<float>(), b.ToArray<float>());
                for (var i = 0; i < m; i++)
                    for (var j = 0; j < n; j++)
                        for (var at = 0; at < k; at++)
                            expected[(i * n) + j] += (double)(turnA ? x[(at * m) + i] : x[(i * k) + at]) * (turnB ? y[(j * k) + at] : y[(at * n) + j]);
                var op = new TurnedProduct(turnA, turnB, [m, n]);
                RequireBoth(Tensor.From(expected, [m, n]), inputs => Tensor.Apply(op, inputs[0], inputs[1]), a, b);
            }
    }

    [Fact]
    public void A_product_of_integers_is_exact()
    {
        var (a, b) = (Enumerable.Range(0, 7 * 19).Select(i => (long)(i % 11) - 5).ToArray(), Enumerable.Range(0, 19 * 35).Select(i => (long)(i % 13) - 6).ToArray());
        var y = Tensor.From(a, [7, 19]).MatMul(Tensor.From(b, [19, 35])).ToArray<long>();
        for (var i = 0; i < 7; i++)
            for (var j = 0; j < 35; j++)
                Assert.Equal(Enumerable.Range(0, 19).Sum(at => a[(i * 19) + at] * b[(at * 35) + j]), y[(i * 35) + j]);
    }

    [Theory, MemberData(nameof(Convolutions))]
    public void A_convolution_and_its_gradients_are_their_definitions(
        int images, int channels, int height, int width, int filters, int kernelHeight, int kernelWidth, int stride, int dilation, int pad, int groups)
    {
        using var off = Grad.Off();
        var window = new Window { Strides = [stride, stride], Dilations = [dilation, dilation], Pads = [pad, pad, pad, pad] };
        var op = new Conv { Window = window, Group = groups };
        var (x, w) = (Draw(1, [images, channels, height, width]), Draw(2, [filters, channels / groups, kernelHeight, kernelWidth]));
        var dy = Draw(3, Tensor.Apply(op, x, w).Shape);
        var plain = new PlainConvolution(x, w, dy, stride, dilation, pad, groups);
        RequireBoth(plain.Y, inputs => Tensor.Apply(op, inputs[0], inputs[1]), x, w);
        RequireBoth(plain.Dx, inputs => Tensor.Apply(new ConvInputGradient(window, groups, x.Shape), inputs[0], inputs[1]), dy, w);
        RequireBoth(plain.Dw, inputs => Tensor.Apply(new ConvWeightGradient(window, groups, w.Shape), inputs[0], inputs[1]), x, dy);
    }

    [Fact]
    public void Results_are_the_same_bits_for_any_number_of_threads()
    {
        using var off = Grad.Off();
        var before = Workers.ThreadCount;
        var window = new Window { Pads = [1, 1, 1, 1] };
        var (x, w, dy) = (Draw(1, [4, 24, 20, 20]), Draw(2, [40, 24, 3, 3]), Draw(3, [4, 40, 20, 20]));
        var (scale, bias) = (Draw(4, [24]), Draw(5, [24]));
        byte[] Bits(int threads)
        {
            Workers.ThreadCount = threads;
            Tensor[] results =
            [
                x.View([4, 9600]).MatMul(Tensor.Full([9600, 37], 0.3)),
                Tensor.Apply(new Conv { Window = window }, x, w),
                Tensor.Apply(new ConvInputGradient(window, 1, x.Shape), dy, w),
                Tensor.Apply(new ConvWeightGradient(window, 1, w.Shape), x, dy),
                .. Tensor.ApplyAll(new BatchNorm(1e-5f), 3, x, scale, bias),
                x.Sum(0, 2, 3),
            ];
            return [.. results.SelectMany(result => result.WritableBytes().ToArray())];
        }
        try
        {
            var one = Bits(1);
            Assert.Equal(one, Bits(2));
            Assert.Equal(one, Bits(4));
        }
        finally
        {
            Workers.ThreadCount = before;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(37)]
    public unsafe void Every_micro_kernel_multiplies_its_panels(int depth)
    {
        RequireTile<float>(depth, 8, 3 * Vector512<float>.Count, (a, b, tile, step, add) => MicroKernel<float>.EightByThree(depth, (float*)a, (float*)b, (float*)tile, step, add));
        RequireTile<double>(depth, 8, 3 * Vector512<double>.Count, (a, b, tile, step, add) => MicroKernel<double>.EightByThree(depth, (double*)a, (double*)b, (double*)tile, step, add));
        RequireTile<float>(depth, 6, 2 * Vector<float>.Count, (a, b, tile, step, add) => MicroKernel<float>.SixByTwo(depth, (float*)a, (float*)b, (float*)tile, step, add));
        RequireTile<int>(depth, 6, 2 * Vector<int>.Count, (a, b, tile, step, add) => MicroKernel<int>.SixByTwo(depth, (int*)a, (int*)b, (int*)tile, step, add));
        RequireTile<float>(depth, MicroKernel<float>.Rows, MicroKernel<float>.Columns, (a, b, tile, step, add) => MicroKernel<float>.Plain(depth, (float*)a, (float*)b, (float*)tile, step, add));
    }

    [Theory]
    [InlineData(6, 13, 29)]
    [InlineData(8, 8, 16)]
    [InlineData(8, 30, 33)]
    [InlineData(16, 40, 9)]
    [InlineData(48, 100, 21)]
    public unsafe void Panels_hold_their_lines_in_whichever_way_these_lie(int width, int lines, int depth)
    {
        var matrix = Enumerable.Range(1, lines * depth).Select(i => (float)i).ToArray();
        var turned = new float[lines * depth];
        for (var line = 0; line < lines; line++)
            for (var at = 0; at < depth; at++)
                turned[(at * lines) + line] = matrix[(line * depth) + at];
        var count = (lines + width - 1) / width * width * depth;
        var (along, beside, any) = (new float[count + width], new float[count + width], new float[count + width]);
        fixed (float* m = matrix, t = turned, a = along, b = beside, c = any)
        {
            Panels.Along(m, depth, a, (long)width * depth, width, lines, depth);
            Panels.Beside(t, lines, b, width, lines, depth);
            Panels.Any(m, depth, 1, c, width, lines, depth);
        }
        for (var i = 0; i < count; i++)
        {
            var (panel, rest) = Math.DivRem(i, width * depth);
            var (at, line) = (rest / width, (panel * width) + (rest % width));
            var expected = line < lines ? matrix[(line * depth) + at] : 0;
            Assert.Equal((expected, expected, expected), (along[i], beside[i], any[i]));
        }
    }

    [Fact]
    public void An_instruction_set_that_was_switched_off_is_off()
    {
        static bool IsOff(string name) => Environment.GetEnvironmentVariable(name) == "0";
        Assert.False(IsOff("DOTNET_EnableAVX512") && Vector512.IsHardwareAccelerated);
        Assert.False(IsOff("DOTNET_EnableAVX2") && Avx2.IsSupported);
        Assert.False(IsOff("DOTNET_EnableHWIntrinsic") && Vector.IsHardwareAccelerated);
    }

    private static void RequireBoth(Tensor expected, Func<Tensor[], Tensor> run, params Tensor[] inputs)
    {
        Assert.InRange(Compare.Relative(expected, run([.. inputs.Select(input => input.To(DType.Double))])), 0, 1e-13);
        Assert.InRange(Compare.Relative(expected, run(inputs)), 0, 5e-6);
    }

    private static unsafe void RequireTile<T>(int depth, int rows, int columns, Action<nint, nint, nint, long, bool> run) where T : unmanaged, INumber<T>
    {
        var (step, random) = (columns + 3, new Random(1));
        var (a, b, tile) = (Whole<T>(random, depth * rows), Whole<T>(random, depth * columns), Whole<T>(random, rows * step));
        foreach (var add in new[] { true, false })
        {
            var expected = (T[])tile.Clone();
            for (var row = 0; row < rows; row++)
                for (var column = 0; column < columns; column++)
                {
                    var sum = add ? tile[(row * step) + column] : T.Zero;
                    for (var at = 0; at < depth; at++)
                        sum += a[(at * rows) + row] * b[(at * columns) + column];
                    expected[(row * step) + column] = sum;
                }
            fixed (T* x = a, y = b, z = tile)
                run((nint)x, (nint)y, (nint)z, step, add);
            Assert.Equal(expected, tile);
        }
    }

    /// <summary>Small whole numbers, whose sums are exact in every order.</summary>
    private static T[] Whole<T>(Random random, int count) where T : INumber<T> => [.. Enumerable.Range(0, count + 1).Select(_ => T.CreateTruncating(random.Next(-8, 9)))];

    private static Tensor Draw(int seed, TensorShape shape)
    {
        var random = new Random(seed);
        return Tensor.From(Enumerable.Range(0, shape.ElementCount).Select(_ => (random.NextSingle() * 2) - 1).ToArray(), shape);
    }
}
