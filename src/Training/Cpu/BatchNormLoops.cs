using System.Numerics;
using System.Runtime.CompilerServices;
using Anneal.Training.Ops;

namespace Anneal.Training.Cpu;

/// <summary>
/// Batch normalisation by the batch's own mean and variance, channel by channel: a part is a channel, whose planes are read from memory once and
/// from the cache afterwards. x [N,C,…], all vectors [C].
/// </summary>
internal readonly unsafe ref struct BatchNormLoops<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly int _images;
    private readonly int _channels;
    private readonly int _cells;
    private readonly double _epsilon;

    public BatchNormLoops(TensorShape x, float epsilon) =>
        (_images, _channels, _cells, _epsilon) = (x[0], x.Rank < 2 ? 1 : x[1], x.Rank < 2 ? 1 : x.Product(2, x.Rank), epsilon);

    /// <summary>y = scale · (x - mean) / √(variance + ε) + bias, with the mean and the population variance.</summary>
    public void Forward(Tensor x, Tensor scale, Tensor bias, Tensor[] y)
    {
        var work = new ForwardWork(Planes((T*)x.Address), (T*)scale.Address, (T*)bias.Address, (T*)y[0].Address, (T*)y[1].Address, (T*)y[2].Address, _epsilon);
        Workers.Run(_channels, ref work);
        GC.KeepAlive(x);
        GC.KeepAlive(scale);
        GC.KeepAlive(bias);
        GC.KeepAlive(y);
    }

    /// <summary>The gradients of x, scale and bias from that of y, and from those of mean and variance where there are such.</summary>
    public void Backward(ReadOnlySpan<Tensor?> inputs, Tensor[] y)
    {
        var (dy, x, scale, mean, variance) = (inputs[0]!, inputs[1]!, inputs[2]!, inputs[3]!, inputs[4]!);
        var work = new BackwardWork(Planes((T*)x.Address), (T*)dy.Address, (T*)scale.Address, (T*)mean.Address, (T*)variance.Address,
            AddressOf(inputs[5]), AddressOf(inputs[6]), (T*)y[0].Address, (T*)y[1].Address, (T*)y[2].Address, _epsilon);
        Workers.Run(_channels, ref work);
        GC.KeepAlive(dy);
        GC.KeepAlive(x);
        GC.KeepAlive(scale);
        GC.KeepAlive(mean);
        GC.KeepAlive(variance);
        GC.KeepAlive(inputs[5]);
        GC.KeepAlive(inputs[6]);
        GC.KeepAlive(y);
    }

    private ChannelPlanes Planes(T* x) => new(x, _images, _channels, _cells);

    private static T* AddressOf(Tensor? tensor) => tensor is null ? null : (T*)tensor.Address;

    /// <summary>The planes of one channel, one in each image.</summary>
    private readonly struct ChannelPlanes(T* x, int images, int channels, int cells)
    {
        public T* X => x;

        public int Images => images;

        public int Cells => cells;

        public double Count => (double)images * cells;

        /// <summary>Where a channel's plane of an image begins, counted in elements.</summary>
        public long At(int image, int channel) => (((long)image * channels) + channel) * cells;
    }

    private readonly struct ForwardWork(ChannelPlanes planes, T* scale, T* bias, T* y, T* mean, T* variance, double epsilon) : IWork
    {
        public void Run(int channel)
        {
            var (sum, squares) = (0.0, 0.0);
            for (var image = 0; image < planes.Images; image++)
                sum += RowSums.Sum(planes.X + planes.At(image, channel), planes.Cells);
            var middle = mean[channel] = T.CreateTruncating(sum / planes.Count);
            for (var image = 0; image < planes.Images; image++)
                squares += RowSums.Squares(planes.X + planes.At(image, channel), middle, planes.Cells);
            variance[channel] = T.CreateTruncating(squares / planes.Count);
            var factor = T.CreateTruncating(double.CreateTruncating(scale[channel]) / Math.Sqrt((squares / planes.Count) + epsilon));
            for (var image = 0; image < planes.Images; image++)
                Scale(planes.X + planes.At(image, channel), y + planes.At(image, channel), planes.Cells, middle, factor, bias[channel]);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Scale(T* x, T* y, int count, T middle, T factor, T bias)
        {
            var (m, f, b, i) = (new Vector<T>(middle), new Vector<T>(factor), new Vector<T>(bias), 0);
            for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
                Vector.Store(((Vector.Load(x + i) - m) * f) + b, y + i);
            for (; i < count; i++)
                y[i] = ((x[i] - middle) * factor) + bias;
        }
    }

    private readonly struct BackwardWork(ChannelPlanes planes, T* dy, T* scale, T* mean, T* variance, T* dmean, T* dvariance, T* dx, T* dscale, T* dbias, double epsilon) : IWork
    {
        public void Run(int channel)
        {
            var (slopes, products, middle) = (0.0, 0.0, mean[channel]);
            for (var image = 0; image < planes.Images; image++)
            {
                var at = planes.At(image, channel);
                slopes += RowSums.Sum(dy + at, planes.Cells);
                products += RowSums.Products(dy + at, planes.X + at, middle, planes.Cells);
            }
            var d = new NormSlopes<double>(double.CreateTruncating(scale[channel]), double.CreateTruncating(variance[channel]), epsilon, slopes, products, planes.Count);
            dbias[channel] = T.CreateTruncating(slopes);
            dscale[channel] = T.CreateTruncating(d.Scale);
            var q = T.CreateTruncating(d.Q(dvariance == null ? 0 : double.CreateTruncating(dvariance[channel])));
            var r = T.CreateTruncating(d.R(dmean == null ? 0 : double.CreateTruncating(dmean[channel])));
            for (var image = 0; image < planes.Images; image++)
            {
                var at = planes.At(image, channel);
                Join(dy + at, planes.X + at, dx + at, planes.Cells, T.CreateTruncating(d.P), q, r, middle);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Join(T* dy, T* x, T* dx, int count, T p, T q, T r, T middle)
        {
            var (vp, vq, vr, vm, i) = (new Vector<T>(p), new Vector<T>(q), new Vector<T>(r), new Vector<T>(middle), 0);
            for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
                Vector.Store((vp * Vector.Load(dy + i)) + (vq * (Vector.Load(x + i) - vm)) + vr, dx + i);
            for (; i < count; i++)
                dx[i] = (p * dy[i]) + (q * (x[i] - middle)) + r;
        }
    }
}
