using Anneal.Onnx;
using Anneal.Onnx.Passes;
using Anneal.Runtime;
using Anneal.Training.Devices;

namespace Anneal.Training;

/// <summary>Opens a session: device, options, file and digest, current operators, kernels, warm-up.</summary>
internal sealed class SessionOpener(string engine, ModelSource source, EngineOptions options)
{
    private readonly List<string> _notices = [];

    public AnnealSession Open()
    {
        source.RequireUsable();
        var device = EngineDevices.Choose(options, _notices);
        var threads = Threads();
        var model = LoadChecked();
        var metadata = model.Metadata.DistinctBy(entry => entry.Key).ToDictionary(entry => entry.Key, entry => entry.Value);
        try
        {
            return OpenOn(device, threads, Prepare(model, device), metadata);
        }
        catch (AnnealException error) when (error is not DeviceUnavailableException && !error.Message.StartsWith(source.Subject, StringComparison.Ordinal))
        {
            throw new InvalidModelException($"{source.Subject} cannot be run by the engine '{engine}': {error.Message} ONNX Runtime may run it (--engine ort).", error);
        }
    }

    private AnnealSession OpenOn(ComputeDevice device, int threads, Model model, IReadOnlyDictionary<string, string> metadata)
    {
        var session = new AnnealSession(engine, source.Subject, device, model.Graph) { Metadata = metadata, Notices = _notices, Threads = threads };
        try
        {
            WarmUp.Run(session, options.WarmUpRuns, _notices);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private int Threads()
    {
        if (options.Threads > Environment.ProcessorCount)
            _notices.Add($"{Environment.ProcessorCount} threads are used, not {options.Threads}: the engine '{engine}' has one for each core that this process may use.");
        return options.Threads;
    }

    private Model LoadChecked()
    {
        var digest = source is { Path: { } path, Sha256: { } sha256 } ? FileDigest.Start(path, sha256) : null;
        Model model;
        try
        {
            model = Load();
        }
        catch (AnnealException)
        {
            // A file that does not open because it is not the right file is told as what it is.
            digest?.Require();
            throw;
        }
        digest?.Require();
        return model;
    }

    private Model Load() => source.Path is { } path ? OnnxFile.Load(path) : OnnxFile.Parse(source.Bytes, name: source.Subject);

    private Model Prepare(Model model, ComputeDevice device)
    {
        var current = UpgradeOpset.Upgraded(model);
        if (current != model)
            _notices.Add($"{source.Subject} was written for {model.OperatorSets} and is run as {current.OperatorSets}; the file stays as it is.");
        RequireDense(current);
        new Optimizer(new InlineFunctions(), new FoldConstants(), new DropIdentity(), new FoldBatchNorm(), new DropUnused()).Run(current);
        if (MissingKernels.Of(current).Count > 0)
            new Optimizer(new Decompose(), new FoldConstants()).Run(current);
        if (MissingKernels.Of(current) is [_, ..] missing)
            throw new InvalidModelException($"{source.Subject} has operators that the engine '{engine}' has no kernel for: {string.Join("; ", missing)}. ONNX Runtime may run it (--engine ort).");
        if (device is not CpuDevice && MissingKernels.OnGpu(current) is [_, ..] lacking)
            throw new DeviceUnavailableException($"{source.Subject} has operators that the engine '{engine}' has no kernel for on {device.Name}: {string.Join("; ", lacking)}. Run it on the processor (--device cpu), or with ONNX Runtime (--engine ort).");
        return current;
    }

    private static void RequireDense(Model model)
    {
        if (model.Graph.SelfAndSubgraphs().SelectMany(graph => graph.SparseInitializers).FirstOrDefault() is { } sparse)
            throw new InvalidModelException($"the constant '{sparse.Name}' is stored sparse, which this engine does not compute. Store it dense.");
    }
}
