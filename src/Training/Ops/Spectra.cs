using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>Fourier transforms as products with their matrices, and what goes with them. A complex number is two numbers along the last axis.</summary>
internal static class Spectra
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new Composite<SignalWindow>("BlackmanWindow", (op, x) => Window(op, x[0]!, 0.42, 0.5, 0.08)) { Steering = [0] },
        new Composite<SignalWindow>("HammingWindow", (op, x) => Window(op, x[0]!, 25.0 / 46, 21.0 / 46, 0)) { Steering = [0] },
        new Composite<SignalWindow>("HannWindow", (op, x) => Window(op, x[0]!, 0.5, 0.5, 0)) { Steering = [0] },
        new Composite<DFT>("DFT", Transform) { IsChecked = true, Steering = [1, 2] },
        new Composite<STFT>("STFT", TransformPieces) { IsChecked = true, Steering = [1, 3] },
        new Composite<MelWeightMatrix>("MelWeightMatrix", MelWeights) { IsChecked = true, Steering = [0, 1, 2, 3, 4] },
    ];

    /// <summary>a - b cos(2π i / n) + c cos(4π i / n), n being the size, or one less where the window is symmetric.</summary>
    private static Tensor Window(SignalWindow op, Tensor size, double a, double b, double c)
    {
        var count = (int)size.ToInt64s()[0];
        var turn = 2 * Math.PI / Math.Max(1, op.Periodic ? count : count - 1);
        double[] window = [.. Enumerable.Range(0, count).Select(i => a - (b * Math.Cos(turn * i)) + (c * Math.Cos(2 * turn * i)))];
        return Tensor.From(window, [count]).To(op.OutputDatatype);
    }

    private static Tensor Transform(DFT op, ReadOnlySpan<Tensor?> inputs)
    {
        var x = inputs[0]!;
        var axis = inputs.Length > 2 && inputs[2] is { } stated ? Axes.Count(stated.ToInt64s()[0], x.Rank) : x.Rank - 2;
        var isReal = op.Inverse && op.Onesided;
        var length = inputs.Length > 1 && inputs[1] is { } given ? (int)given.ToInt64s()[0] : isReal ? 2 * (x.Shape[axis] - 1) : x.Shape[axis];
        int[] perm = [.. Enumerable.Range(0, x.Rank - 1).Where(other => other != axis), axis, x.Rank - 1];
        var lined = Pads.ToExtent(x.Transpose(perm), x.Rank - 2, isReal ? (length / 2) + 1 : length);
        var y = isReal ? Signal(lined, length) : Frequencies(lined, op.Onesided ? (length / 2) + 1 : length, op.Inverse);
        int[] back = [.. Enumerable.Range(0, x.Rank).Select(other => Array.IndexOf(perm, other))];
        return y.Transpose(back);
    }

    private static Tensor TransformPieces(STFT op, ReadOnlySpan<Tensor?> inputs)
    {
        var (x, step) = (inputs[0]!, inputs[1]!.ToInt64s()[0]);
        var window = inputs.Length > 2 ? inputs[2] : null;
        var size = inputs.Length > 3 && inputs[3] is { } given ? (int)given.ToInt64s()[0] : window!.Count;
        var pieces = (int)((x.Shape[1] - size) / step) + 1;
        var numbers = new long[pieces * size];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = (i / size * step) + (i % size);
        var cut = x.Gather(1, numbers).Reshape(x.Shape[0], pieces, size, x.Shape[2]);
        return Frequencies(window is null ? cut : cut * window.Reshape(size, 1), op.Onesided ? (size / 2) + 1 : size, false);
    }

    /// <summary>x […,length,1 or 2] to its first frequencies […,count,2]; inverse: back from them.</summary>
    private static Tensor Frequencies(Tensor x, int count, bool inverse)
    {
        var (length, numbers) = (x.Shape[^2], x.Shape[^1]);
        var (waves, scale) = (new Waves(length, inverse ? 1 : -1), inverse ? 1.0 / length : 1);
        var matrix = new double[length * numbers * count * 2];
        for (var i = 0; i < length; i++)
            for (var k = 0; k < count; k++)
            {
                var (cos, sin) = waves.At(i, k);
                var at = ((i * numbers * count) + k) * 2;
                (matrix[at], matrix[at + 1]) = (cos * scale, sin * scale);
                if (numbers == 2)
                    (matrix[at + (count * 2)], matrix[at + (count * 2) + 1]) = (-sin * scale, cos * scale);
            }
        return Product(x, matrix, count, 2);
    }

    /// <summary>The half x […,length/2+1,1 or 2] of the frequencies of a real signal to the signal […,length,1]: each stands for its mirror image too.</summary>
    private static Tensor Signal(Tensor x, int length)
    {
        var (half, numbers) = (x.Shape[^2], x.Shape[^1]);
        var waves = new Waves(length, 1);
        var matrix = new double[half * numbers * length];
        for (var k = 0; k < half; k++)
            for (var i = 0; i < length; i++)
            {
                var (cos, sin) = waves.At(i, k);
                var share = (k == 0 || 2 * k == length ? 1.0 : 2.0) / length;
                matrix[(k * numbers * length) + i] = cos * share;
                if (numbers == 2)
                    matrix[(((k * numbers) + 1) * length) + i] = -sin * share;
            }
        return Product(x, matrix, length, 1);
    }

    /// <summary>The last two axes as one, times a matrix, as two again. Waves cancel one another, so that sums are made in double.</summary>
    private static Tensor Product(Tensor x, double[] matrix, int count, int numbers)
    {
        var rows = x.Shape[^2] * x.Shape[^1];
        var y = x.Reshape(-1, rows).To(DType.Double).MatMul(Tensor.From(matrix, [rows, count * numbers], x.Device)).To(x.DType);
        return y.Reshape([.. x.Shape.Extents[..^2], count, numbers]);
    }

    /// <summary>Triangles over the frequencies of a transform, evenly spaced by mel = 2595 log10(1 + Hz / 700).</summary>
    private static Tensor MelWeights(MelWeightMatrix op, ReadOnlySpan<Tensor?> x)
    {
        var (bands, length, rate) = ((int)x[0]!.ToInt64s()[0], x[1]!.ToInt64s()[0], x[2]!.ToInt64s()[0]);
        var (low, high) = (Mel(x[3]!.To(DType.Double).Item()), Mel(x[4]!.To(DType.Double).Item()));
        int[] bins = [.. Enumerable.Range(0, bands + 2).Select(i => (int)Math.Floor((length + 1) * Hertz(low + (i * (high - low) / (bands + 2))) / rate))];
        var weights = new double[((length / 2) + 1) * bands];
        for (var band = 0; band < bands; band++)
        {
            var (from, middle, to) = (bins[band], bins[band + 1], bins[band + 2]);
            for (var bin = from; bin <= middle; bin++)
                weights[(bin * bands) + band] = from == middle ? 1 : (bin - from) / (double)(middle - from);
            for (var bin = middle; bin < to; bin++)
                weights[(bin * bands) + band] = (to - bin) / (double)(to - middle);
        }
        return Tensor.From(weights, [((int)length / 2) + 1, bands]).To(op.OutputDatatype);
    }

    private static double Mel(double hertz) => 2595 * Math.Log10(1 + (hertz / 700));

    private static double Hertz(double mel) => 700 * (Math.Pow(10, mel / 2595) - 1);

    /// <summary>The powers of a root of unity: e^(±2πi · at · k / length), each angle reduced to one turn first.</summary>
    private sealed class Waves
    {
        private readonly (double Cos, double Sin)[] _powers;

        public Waves(int length, int sign) => _powers = [.. Enumerable.Range(0, length).Select(power =>
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * power / length);
            return (cos, sign * sin);
        })];

        public (double Cos, double Sin) At(int at, int k) => _powers[(int)((long)at * k % _powers.Length)];
    }
}
