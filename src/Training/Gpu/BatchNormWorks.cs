using Anneal.Training.Ops;
using ILGPU;

namespace Anneal.Training.Gpu;

/// <summary>The elements of a channel, all images one after the other, in parts of which a group of threads takes one; and what is added to its variance.</summary>
internal readonly struct ChannelLayout(int images, int channels, int cells, int parts, float epsilon)
{
    public const int Threads = 256;

    public readonly int Images = images;
    public readonly int Channels = channels;
    public readonly int Cells = cells;
    public readonly int Parts = parts;
    public readonly float Epsilon = epsilon;

    public int Count => Images * Cells;

    public int ChannelOfGroup => Grid.IdxX / Parts;

    public int PartLength => (Count + Parts - 1) / Parts;

    /// <summary>The first element of a group's part.</summary>
    public int Start => Grid.IdxX % Parts * PartLength;

    /// <summary>Where a group's part ends.</summary>
    public int End => Start + PartLength < Count ? Start + PartLength : Count;

    public int ChannelOf(int index) => index / Cells % Channels;

    /// <summary>Where an element of a channel stands.</summary>
    public int At(int channel, int element) => (((element / Cells * Channels) + channel) * Cells) + (element % Cells);
}

/// <summary>How many numbers there were, their mean, and the sum of the squares of their distances from it.</summary>
internal readonly struct Moments(float count, float mean, float squares)
{
    public const int Length = 3;

    public readonly float Count = count;
    public readonly float Mean = mean;
    public readonly float Squares = squares;

    /// <summary>With one number more (Welford 1962).</summary>
    public Moments With(float x)
    {
        var (n, d) = (Count + 1, x - Mean);
        var mean = Mean + (d / n);
        return new(n, mean, Squares + (d * (x - mean)));
    }

    /// <summary>Of both (Chan, Golub and LeVeque 1983).</summary>
    public Moments Join(Moments other)
    {
        var (n, d) = (Count + other.Count, other.Mean - Mean);
        var share = n > 0 ? other.Count / n : 0;
        return new(n, Mean + (d * share), Squares + other.Squares + (d * d * Count * share));
    }

    public static Moments Load(ArrayView<float> from, int at) => new(from[Length * at], from[(Length * at) + 1], from[(Length * at) + 2]);

    public void Store(ArrayView<float> to, int at)
    {
        to[Length * at] = Count;
        to[(Length * at) + 1] = Mean;
        to[(Length * at) + 2] = Squares;
    }
}

/// <summary>Measures parts of channels: x to [C, parts, 3].</summary>
internal readonly struct MomentsWork(ChannelLayout layout, ArrayView<float> x, ArrayView<float> parts) : IGpuWork
{
    public void Run()
    {
        var shared = SharedMemory.Allocate<float>(Moments.Length * ChannelLayout.Threads);
        var (thread, channel) = (Group.IdxX, layout.ChannelOfGroup);
        var own = new Moments(0, 0, 0);
        for (var i = layout.Start + thread; i < layout.End; i += ChannelLayout.Threads)
            own = own.With(x[layout.At(channel, i)]);
        own.Store(shared, thread);
        Group.Barrier();
        for (var step = ChannelLayout.Threads / 2; step > 0; step /= 2)
        {
            if (thread < step)
                Moments.Load(shared, thread).Join(Moments.Load(shared, thread + step)).Store(shared, thread);
            Group.Barrier();
        }
        if (thread == 0)
            Moments.Load(shared, 0).Store(parts, Grid.IdxX);
    }
}

/// <summary>Joins the parts of a channel in order: its mean and its population variance.</summary>
internal readonly struct JoinMomentsWork(ChannelLayout layout, ArrayView<float> parts, ArrayView<float> mean, ArrayView<float> variance) : IElementWork
{
    public void Run(int index)
    {
        var all = Moments.Load(parts, index * layout.Parts);
        for (var part = 1; part < layout.Parts; part++)
            all = all.Join(Moments.Load(parts, (index * layout.Parts) + part));
        mean[index] = all.Mean;
        variance[index] = all.Squares / all.Count;
    }
}

/// <summary>y = scale · (x - mean) / √(variance + ε) + bias.</summary>
internal readonly struct NormaliseWork(ChannelLayout layout, ArrayView<float> x, ArrayView<float> scale, ArrayView<float> bias,
    ArrayView<float> mean, ArrayView<float> variance, ArrayView<float> y) : IElementWork
{
    public void Run(int index)
    {
        var channel = layout.ChannelOf(index);
        y[index] = ((x[index] - mean[channel]) * (scale[channel] / DeviceFunctions.Functions.Sqrt(variance[channel] + layout.Epsilon))) + bias[channel];
    }
}

/// <summary>Σ dy and Σ dy · (x - mean).</summary>
internal readonly struct NormSums(float slopes, float products)
{
    public const int Length = 2;

    public readonly float Slopes = slopes;
    public readonly float Products = products;

    public NormSums Join(NormSums other) => new(Slopes + other.Slopes, Products + other.Products);

    public static NormSums Load(ArrayView<float> from, int at) => new(from[Length * at], from[(Length * at) + 1]);

    public void Store(ArrayView<float> to, int at)
    {
        to[Length * at] = Slopes;
        to[(Length * at) + 1] = Products;
    }
}

/// <summary>Sums over parts of channels: dy, x, mean to [C, parts, 2].</summary>
internal readonly struct NormSumsWork(ChannelLayout layout, ArrayView<float> dy, ArrayView<float> x, ArrayView<float> mean, ArrayView<float> parts) : IGpuWork
{
    public void Run()
    {
        var shared = SharedMemory.Allocate<float>(NormSums.Length * ChannelLayout.Threads);
        var (thread, channel) = (Group.IdxX, layout.ChannelOfGroup);
        var middle = mean[channel];
        var own = new NormSums(0, 0);
        for (var i = layout.Start + thread; i < layout.End; i += ChannelLayout.Threads)
        {
            var at = layout.At(channel, i);
            own = own.Join(new(dy[at], dy[at] * (x[at] - middle)));
        }
        own.Store(shared, thread);
        Group.Barrier();
        for (var step = ChannelLayout.Threads / 2; step > 0; step /= 2)
        {
            if (thread < step)
                NormSums.Load(shared, thread).Join(NormSums.Load(shared, thread + step)).Store(shared, thread);
            Group.Barrier();
        }
        if (thread == 0)
            NormSums.Load(shared, 0).Store(parts, Grid.IdxX);
    }
}

/// <summary>Joins the parts of a channel in order: the gradients of its scale and bias, and [C, 3] for <see cref="NormSlopeWork"/>.</summary>
internal readonly struct JoinSumsWork(ChannelLayout layout, ArrayView<float> parts, ArrayView<float> scale, ArrayView<float> variance,
    ArrayView<float> dmean, ArrayView<float> dvariance, int given, ArrayView<float> dscale, ArrayView<float> dbias, ArrayView<float> joined) : IElementWork
{
    /// <summary>P, Q and R.</summary>
    public const int Length = 3;

    /// <summary>A gradient of the mean was given.</summary>
    public const int Mean = 1;

    /// <summary>A gradient of the variance was given.</summary>
    public const int Variance = 2;

    public void Run(int index)
    {
        var all = NormSums.Load(parts, index * layout.Parts);
        for (var part = 1; part < layout.Parts; part++)
            all = all.Join(NormSums.Load(parts, (index * layout.Parts) + part));
        var d = new NormSlopes<float>(scale[index], variance[index], layout.Epsilon, all.Slopes, all.Products, layout.Count);
        dbias[index] = all.Slopes;
        dscale[index] = d.Scale;
        joined[Length * index] = d.P;
        joined[(Length * index) + 1] = d.Q((given & Variance) != 0 ? dvariance[index] : 0);
        joined[(Length * index) + 2] = d.R((given & Mean) != 0 ? dmean[index] : 0);
    }
}

/// <summary>dx = P·dy + Q·(x - mean) + R.</summary>
internal readonly struct NormSlopeWork(ChannelLayout layout, ArrayView<float> dy, ArrayView<float> x, ArrayView<float> mean, ArrayView<float> joined, ArrayView<float> dx) : IElementWork
{
    public void Run(int index)
    {
        var channel = layout.ChannelOf(index);
        var at = JoinSumsWork.Length * channel;
        dx[index] = (joined[at] * dy[index]) + (joined[at + 1] * (x[index] - mean[channel])) + joined[at + 2];
    }
}
