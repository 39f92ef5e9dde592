using System.Diagnostics;
using System.Text.Json;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training;

// How long operators take on a device, one JSON line each: GpuSpeed DEVICE [small]. The shapes are those of torch_speed.py.
var device = Device.Parse(args[0]);
var isSmall = args.Length > 1;
var random = new Random(1);

foreach (var size in isSmall ? [256] : new[] { 1024, 2048, 4096 })
{
    var (a, b) = (Draw([size, size]), Draw([size, size]));
    Measure($"matmul {size}", 2.0 * size * size * size, () => a.MatMul(b));
}

foreach (var (n, c, extent, m, kernel, groups) in isSmall
    ? [(2, 32, 14, 32, 3, 1)]
    : new[] { (32, 64, 56, 64, 3, 1), (32, 128, 28, 128, 3, 1), (32, 256, 14, 256, 3, 1), (32, 256, 56, 64, 1, 1), (32, 128, 28, 128, 3, 128) })
{
    var pad = kernel / 2;
    var conv = new Conv { Group = groups, Window = new() { Pads = [pad, pad, pad, pad] } };
    var (x, w) = (Draw([n, c, extent, extent]), Draw([m, c / groups, kernel, kernel]));
    var name = $"{n}x{c}x{extent}x{extent} to {m} by {kernel}x{kernel} in {groups}";
    var work = 2.0 * n * extent * extent * m * (c / groups) * kernel * kernel;
    Measure($"conv {name}", work, () => Tensor.Apply(conv, x, w));
    (x.RequiresGrad, w.RequiresGrad) = (true, true);
    var dy = Draw([n, m, extent, extent]);
    Measure($"conv with gradients {name}", 3 * work, () =>
    {
        Tensor.Apply(conv, x, w).Backward(dy);
        x.ZeroGrad();
        w.ZeroGrad();
        return dy;
    });
}

var long1 = Draw([isSmall ? 1 << 16 : 1 << 26]);
Measure("add", long1.Count, () => long1 + long1);
Measure("relu", long1.Count, long1.Relu);
Measure("sum", long1.Count, () => long1.Sum());

Tensor Draw(TensorShape shape)
{
    var elements = new float[shape.ElementCount];
    for (var i = 0; i < elements.Length; i++)
        elements[i] = (float)((random.NextDouble() * 2) - 1);
    return Tensor.From(elements, shape, device).Keep();
}

void Measure(string what, double operations, Func<Tensor> run)
{
    Times(run, 2);
    var count = Math.Max(1, (int)(0.5 / Math.Max(1e-5, Times(run, 1))));
    var seconds = Enumerable.Range(0, 5).Select(_ => Times(run, count) / count).Order().ElementAt(2);
    Console.WriteLine(JsonSerializer.Serialize(new { what, engine = "anneal", device = device.ToString(), milliseconds = Math.Round(seconds * 1e3, 4), gigaPerSecond = Math.Round(operations / seconds / 1e9, 1) }));
}

double Times(Func<Tensor> run, int count)
{
    Wait();
    var watch = Stopwatch.StartNew();
    for (var i = 0; i < count; i++)
    {
        using var scope = TensorScope.Begin();
        _ = run();
    }
    Wait();
    return watch.Elapsed.TotalSeconds;
}

// A device does everything in order: when the last number is here, all before it is done.
void Wait() => _ = Tensor.Full([], 1, device: device).Item();
