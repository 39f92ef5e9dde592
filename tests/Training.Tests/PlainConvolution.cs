namespace Anneal.Training.Tests;

/// <summary>A convolution over two axes and its gradients, as their definitions have them: one pass over all products, in double.</summary>
internal sealed class PlainConvolution
{
    public PlainConvolution(Tensor x, Tensor w, Tensor dy, int stride, int dilation, int pad, int groups)
    {
        var (cells, weights, slopes) = (x.ToArray<float>(), w.ToArray<float>(), dy.ToArray<float>());
        var (y, dx, dw) = (new double[slopes.Length], new double[cells.Length], new double[weights.Length]);
        var (groupIn, groupOut) = (w.Shape[1], w.Shape[0] / groups);
        var (channels, height, width) = (x.Shape[1], x.Shape[2], x.Shape[3]);
        var (kernelHeight, kernelWidth) = (w.Shape[2], w.Shape[3]);
        for (var place = 0; place < slopes.Length; place++)
        {
            var (rest, right) = Math.DivRem(place, dy.Shape[3]);
            (rest, var down) = Math.DivRem(rest, dy.Shape[2]);
            var (image, filter) = Math.DivRem(rest, dy.Shape[1]);
            for (var tap = 0; tap < groupIn * kernelHeight * kernelWidth; tap++)
            {
                var (channel, tapRow, tapColumn) = (tap / (kernelHeight * kernelWidth), tap / kernelWidth % kernelHeight, tap % kernelWidth);
                var (row, column) = ((down * stride) + (tapRow * dilation) - pad, (right * stride) + (tapColumn * dilation) - pad);
                if ((uint)row >= (uint)height || (uint)column >= (uint)width)
                    continue;
                var cell = (((((image * channels) + (filter / groupOut * groupIn) + channel) * height) + row) * width) + column;
                var weight = (filter * groupIn * kernelHeight * kernelWidth) + tap;
                y[place] += (double)cells[cell] * weights[weight];
                dx[cell] += (double)slopes[place] * weights[weight];
                dw[weight] += (double)slopes[place] * cells[cell];
            }
        }
        (Y, Dx, Dw) = (Tensor.From(y, dy.Shape), Tensor.From(dx, x.Shape), Tensor.From(dw, w.Shape));
    }

    public Tensor Y { get; }

    public Tensor Dx { get; }

    public Tensor Dw { get; }
}
