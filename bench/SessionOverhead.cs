using System.Diagnostics;
using Anneal.Onnx;
using Anneal.Runtime;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Bench;

/// <summary>
/// What our session adds to ONNX Runtime, in time and in bytes per run, on a model that itself does next to nothing. The yardstick is the
/// leanest loop that ONNX Runtime's C# has: values made once over the same memory and bound once.
/// Bar: at most 50 microseconds and 512 bytes.
/// </summary>
internal static class SessionOverhead
{
    private const int Runs = 5_000;

    public static int Run(string[] args)
    {
        var model = args is [var path] ? File.ReadAllBytes(path) : BenchModels.Affine();
        using var ours = new OrtEngine().Open(ModelSource.FromBytes(model), new() { Device = Device.Cpu, Threads = 1, Spinning = false });
        var (x, y) = (Zeros(ours.Inputs), Zeros(ours.Outputs));
        using var bare = new BareSession(model, x, y);

        Compare("into the caller's memory", bare.RunBound, () => ours.Run(x, y));
        Compare("into the caller's memory, names and values", bare.RunValues, () => ours.Run(x, y));
        Compare("into new memory", bare.RunAllocating, () => ours.Run(x));
        return 0;
    }

    private static void Compare(string title, Action bare, Action ours)
    {
        new SideBySide($"one run, {title}", "us", ("ONNX Runtime", () => Microseconds(bare)), ("Anneal", () => Microseconds(ours))).Run();
        Console.WriteLine($"  bytes allocated per run: ONNX Runtime {Bytes(bare)}, Anneal {Bytes(ours)}");
    }

    private static double Microseconds(Action run)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Runs; i++)
            run();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / Runs;
    }

    private static long Bytes(Action run)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Runs; i++)
            run();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Runs;
    }

    private static NamedTensor[] Zeros(IReadOnlyList<TensorInfo> tensors) =>
        [.. tensors.Select(tensor => NamedTensor.Allocate(tensor.Name, tensor.DType, [.. tensor.Shape.Select(extent => Math.Max(extent, 1))]))];

    private sealed class BareSession : IDisposable
    {
        private readonly InferenceSession _session;
        private readonly RunOptions _options = new();
        private readonly OrtIoBinding _binding;
        private readonly string[] _inputs;
        private readonly string[] _outputs;
        private readonly OrtValue[] _x;
        private readonly OrtValue[] _y;

        public BareSession(byte[] model, NamedTensor[] x, NamedTensor[] y)
        {
            using var options = new SessionOptions { IntraOpNumThreads = 1 };
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            _session = new InferenceSession(model, options);
            (_inputs, _outputs) = ([.. x.Select(tensor => tensor.Name)], [.. y.Select(tensor => tensor.Name)]);
            (_x, _y) = ([.. x.Select(Wrap)], [.. y.Select(Wrap)]);
            _binding = _session.CreateIoBinding();
            for (var i = 0; i < _x.Length; i++)
                _binding.BindInput(_inputs[i], _x[i]);
            for (var i = 0; i < _y.Length; i++)
                _binding.BindOutput(_outputs[i], _y[i]);
        }

        public void RunBound() => _session.RunWithBinding(_options, _binding);

        public void RunValues() => _session.Run(_options, _inputs, _x, _outputs, _y);

        public void RunAllocating() => _session.Run(_options, _inputs, _x, _outputs).Dispose();

        public void Dispose()
        {
            _binding.Dispose();
            foreach (var value in _x.Concat(_y))
                value.Dispose();
            _options.Dispose();
            _session.Dispose();
        }

        private static OrtValue Wrap(NamedTensor tensor) => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, tensor.As<float>(), tensor.Shape.ToArray());
    }
}
