using Anneal.Onnx;
using ILGPU;

namespace Anneal.Training.Gpu;

/// <summary>
/// Batch normalisation by the batch's own statistics on a GPU, in float32: x [N,C,…], all vectors [C]. Each channel is measured in parts, the parts are joined
/// in order, and a pass over the elements does the rest.
/// </summary>
internal readonly struct GpuBatchNorm
{
    // So many groups keep a large GPU busy; a part is long enough to be worth a group.
    private const int GroupsWanted = 1024;
    private const int LeastPart = 4096;

    private readonly GpuDevice _gpu;
    private readonly ChannelLayout _layout;

    public GpuBatchNorm(GpuDevice gpu, TensorShape x, float epsilon)
    {
        var (channels, cells) = x.Rank < 2 ? (1, 1) : (x[1], x.Product(2, x.Rank));
        var parts = Math.Clamp((GroupsWanted + channels - 1) / Math.Max(1, channels), 1, Math.Max(1, x[0] * cells / LeastPart));
        (_gpu, _layout) = (gpu, new(x[0], channels, cells, parts, epsilon));
    }

    /// <summary>y = scale · (x - mean) / √(variance + ε) + bias, with the mean and the population variance.</summary>
    public void Forward(Tensor x, Tensor scale, Tensor bias, Tensor[] y)
    {
        if (_layout.Channels == 0)
            return;
        using var scope = TensorScope.Begin();
        var (from, mean, variance) = (View(x), View(y[1]), View(y[2]));
        var parts = View(Tensor.Empty(_gpu, DType.Float32, [_layout.Channels, _layout.Parts, Moments.Length]));
        _gpu.Run(new(_layout.Channels * _layout.Parts, ChannelLayout.Threads), new MomentsWork(_layout, from, parts));
        _gpu.ForEach(_layout.Channels, new JoinMomentsWork(_layout, parts, mean, variance));
        _gpu.ForEach(x.Count, new NormaliseWork(_layout, from, View(scale), View(bias), mean, variance, View(y[0])));
    }

    /// <summary>The gradients of x, scale and bias from that of y, and from those of mean and variance where there are such.</summary>
    public void Backward(ReadOnlySpan<Tensor?> inputs, Tensor[] y)
    {
        if (_layout.Channels == 0)
            return;
        using var scope = TensorScope.Begin();
        var (dy, x, mean) = (View(inputs[0]!), View(inputs[1]!), View(inputs[3]!));
        var parts = View(Tensor.Empty(_gpu, DType.Float32, [_layout.Channels, _layout.Parts, NormSums.Length]));
        var joined = View(Tensor.Empty(_gpu, DType.Float32, [_layout.Channels, JoinSumsWork.Length]));
        _gpu.Run(new(_layout.Channels * _layout.Parts, ChannelLayout.Threads), new NormSumsWork(_layout, dy, x, mean, parts));
        var given = (inputs[5] is null ? 0 : JoinSumsWork.Mean) | (inputs[6] is null ? 0 : JoinSumsWork.Variance);
        _gpu.ForEach(_layout.Channels, new JoinSumsWork(_layout, parts, View(inputs[2]!), View(inputs[4]!),
            View(inputs[5] ?? inputs[3]!), View(inputs[6] ?? inputs[4]!), given, View(y[1]), View(y[2]), joined));
        _gpu.ForEach(inputs[1]!.Count, new NormSlopeWork(_layout, dy, x, mean, joined, View(y[0])));
    }

    private static ArrayView<float> View(Tensor tensor) => GpuDevice.View<float>(tensor);
}
