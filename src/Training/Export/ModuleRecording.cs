using Anneal.Onnx;
using Anneal.Training.Nn;

namespace Anneal.Training.Export;

/// <summary>What a module computed once, in use: the calls that its output follows from.</summary>
/// <param name="Input">The input.</param>
/// <param name="Output">The output.</param>
/// <param name="Calls">The calls, in order.</param>
internal sealed record ModuleRecording(RecordedValue Input, RecordedValue Output, IReadOnlyList<RecordedCall> Calls)
{
    private const ulong Seed = 7;

    /// <summary>Runs a module on numbers of a shape.</summary>
    /// <exception cref="AnnealException">It reads numbers that follow from the input, changes what it computes with, or cannot be written.</exception>
    public static ModuleRecording Of(Module module, TensorShape shape, DType dtype, ExportDialect dialect)
    {
        using var inUse = module.InUse();
        using var off = Grad.Off();
        var x = Draw(shape, dtype, module.Parameters().FirstOrDefault()?.Device ?? Device.Cpu);
        var versions = module.Parameters().Concat<MutableTensor>(module.Buffers()).ToDictionary(part => part, part => part.Version);
        using var recording = new CallRecording(x, dialect);
        var output = recording.ValueOf(module.Forward(x));
        if (!output.IsFromInput)
            throw new AnnealException($"{module.Title} gives an output that does not follow from its input, so that there is nothing to write. Was it computed on the host?");
        var calls = Live(recording.Calls, output);
        foreach (var call in calls)
            Require(call, module, versions, dialect);
        return new(recording.Input, output, calls);
    }

    /// <summary>Numbers around 0; integers are often indices, and 0 and 1 are in most ranges.</summary>
    private static Tensor Draw(TensorShape shape, DType dtype, Device device)
    {
        var x = new Generator(Seed).Uniform(shape, -2, 2, DType.Float32);
        return (dtype.IsFloat() ? x.To(dtype) : (x > 0).To(dtype)).To(device).Detach();
    }

    /// <summary>What nothing reads is not written.</summary>
    private static List<RecordedCall> Live(IReadOnlyList<RecordedCall> calls, RecordedValue output)
    {
        var (needed, live) = (new HashSet<RecordedValue> { output }, new List<RecordedCall>());
        foreach (var call in calls.Reverse().Where(call => call.Outputs.Exists(needed.Contains)))
        {
            needed.UnionWith(call.Inputs.OfType<RecordedValue>());
            live.Add(call);
        }
        live.Reverse();
        return live;
    }

    /// <summary>A buffer that a module changes in use and never computes with, a counter for instance, is no part of the file.</summary>
    private static void Require(RecordedCall call, Module module, Dictionary<MutableTensor, int> versions, ExportDialect dialect)
    {
        if (call.Op.IsRandom || !dialect.IsWritable(call.Op))
            throw dialect.Refuse(call);
        foreach (var mutable in call.Inputs.Select(input => input?.Mutable).OfType<MutableTensor>())
        {
            if (!versions.TryGetValue(mutable, out var version))
                throw new AnnealException($"{call.Title} uses {mutable.Title}, which {module.Title} does not hold. Register it, or the module that it belongs to, in the constructor.");
            if (mutable.Version != version)
                throw new AnnealException($"{call.Title} computes with {mutable.Title}, which {module.Title} changes while it runs: a file remembers nothing from one run to the next. Change it in training only (IsTraining).");
        }
    }
}
