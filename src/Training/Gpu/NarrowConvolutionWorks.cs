using ILGPU;

namespace Anneal.Training.Gpu;

// Convolutions whose groups have few channels, depthwise ones above all, leave nearly all of a tile empty. Here a thread makes one element.

/// <summary>y, a thread for each element.</summary>
internal readonly struct NarrowForward(DeviceConvolution convolution, ArrayView<float> x, ArrayView<float> w, ArrayView<float> y) : IElementWork
{
    public void Run(int index)
    {
        var (plane, position) = (index / convolution.Window.Positions, convolution.Window.PlaceOfPosition(index % convolution.Window.Positions));
        var (image, output) = (plane / (convolution.Groups * convolution.OutOfGroup), plane % (convolution.Groups * convolution.OutOfGroup));
        var group = output / convolution.OutOfGroup;
        var taps = convolution.Taps;
        var sum = 0f;
        for (var channel = 0; channel < convolution.InOfGroup; channel++)
        {
            var start = convolution.StartOfInput(image, group, channel);
            var weights = ((output * convolution.InOfGroup) + channel) * taps;
            for (var tap = 0; tap < taps; tap++)
            {
                var place = convolution.Window.PlaceOfTap(tap);
                var cell = convolution.CellUnder(position, place);
                if (cell >= 0)
                    sum += x[start + cell] * w[weights + tap];
            }
        }
        y[index] = sum;
    }
}

/// <summary>dx, a thread for each element.</summary>
internal readonly struct NarrowBackward(DeviceConvolution convolution, ArrayView<float> dy, ArrayView<float> w, ArrayView<float> dx) : IElementWork
{
    public void Run(int index)
    {
        var (plane, cell) = (index / convolution.Window.Cells, convolution.Window.PlaceOfCell(index % convolution.Window.Cells));
        var (image, input) = (plane / (convolution.Groups * convolution.InOfGroup), plane % (convolution.Groups * convolution.InOfGroup));
        var (group, channel) = (input / convolution.InOfGroup, input % convolution.InOfGroup);
        var taps = convolution.Taps;
        var sum = 0f;
        for (var output = 0; output < convolution.OutOfGroup; output++)
        {
            var start = convolution.StartOfOutput(image, group, output);
            var weights = ((((group * convolution.OutOfGroup) + output) * convolution.InOfGroup) + channel) * taps;
            for (var tap = 0; tap < taps; tap++)
            {
                var place = convolution.Window.PlaceOfTap(tap);
                var position = convolution.PositionOver(cell, place);
                if (position >= 0)
                    sum += dy[start + position] * w[weights + tap];
            }
        }
        dx[index] = sum;
    }
}

/// <summary>dw, a group of threads for each element: each sums every 256th position of all pictures, and the sums are joined in a tree.</summary>
internal readonly struct NarrowWeights(DeviceConvolution convolution, ArrayView<float> x, ArrayView<float> dy, ArrayView<float> dw, int images) : IGpuWork
{
    public const int Threads = 256;

    public void Run()
    {
        var shared = SharedMemory.Allocate<float>(Threads);
        var thread = Group.IdxX;
        var (rest, tap) = (Grid.IdxX / convolution.Taps, convolution.Window.PlaceOfTap(Grid.IdxX % convolution.Taps));
        var (output, channel) = (rest / convolution.InOfGroup, rest % convolution.InOfGroup);
        var group = output / convolution.OutOfGroup;
        var positions = convolution.Window.Positions;
        var sum = 0f;
        for (var at = thread; at < images * positions; at += Threads)
        {
            var (image, position) = (at / positions, at % positions);
            var place = convolution.Window.PlaceOfPosition(position);
            var cell = convolution.CellUnder(place, tap);
            if (cell >= 0)
                sum += x[convolution.StartOfInput(image, group, channel) + cell] * dy[convolution.StartOfOutput(image, 0, output) + position];
        }
        shared[thread] = sum;
        Group.Barrier();
        for (var step = Threads / 2; step > 0; step /= 2)
        {
            if (thread < step)
                shared[thread] += shared[thread + step];
            Group.Barrier();
        }
        if (thread == 0)
            dw[Grid.IdxX] = shared[0];
    }
}
