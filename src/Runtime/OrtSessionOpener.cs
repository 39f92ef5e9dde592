using System.Runtime.InteropServices;
using Anneal.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Runtime;

/// <summary>Opens a session: device, options, file and digest, warm-up, placement.</summary>
internal sealed class OrtSessionOpener
{
    private readonly string _engine;
    private readonly ModelSource _model;
    private readonly EngineOptions _options;
    private readonly OrtEnv _environment = OrtEnvironment.Get();
    private readonly List<string> _notices = [];

    public OrtSessionOpener(string engine, ModelSource model, EngineOptions options) => (_engine, _model, _options) = (engine, model, options);

    public OrtSession Open()
    {
        _model.RequireUsable();
        var device = OrtProviders.Choose(_environment, _options, _notices);
        try
        {
            return OpenOn(device);
        }
        catch (DeviceUnavailableException error) when (_options.Device.Kind is DeviceKind.Auto && device.Kind is not DeviceKind.Cpu)
        {
            _notices.Add($"auto chose cpu, because {device} cannot be had: {error.Message}");
            return OpenOn(Device.Cpu);
        }
    }

    private OrtSession OpenOn(Device device)
    {
        var placement = _options.ReportPlacement || (_options.AllowCpuFallback && device.Kind is not DeviceKind.Cpu);
        using var profile = placement ? new ProfileFolder() : null;
        var native = LoadChecked(device, profile);
        OrtSession? session = null;
        try
        {
            session = new OrtSession(_engine, _model.Subject, device, native, _notices);
            if (placement)
                session.Placement = OrtPlacement.Find(session, native, device, _notices);
            WarmUp.Run(session, _options.WarmUpRuns, _notices);
            return session;
        }
        catch
        {
            session?.Dispose();
            native.Dispose();
            throw;
        }
    }

    private InferenceSession LoadChecked(Device device, ProfileFolder? profile)
    {
        using var native = new SessionOptions();
        Configure(native, profile);
        OrtProviders.Append(_environment, native, _options, device);
        var digest = _model is { Path: { } path, Sha256: { } sha256 } ? FileDigest.Start(path, sha256) : null;
        InferenceSession? session = null;
        try
        {
            session = Load(native);
            digest?.Require();
            return session;
        }
        catch (Exception error) when (OrtErrors.Explains(error))
        {
            // A file that does not open because it is not the right file is told as what it is.
            digest?.Require();
            throw OrtErrors.ExplainOpening(_model.Subject, error);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    private InferenceSession Load(SessionOptions native) => _model.Path is { } path
        ? new InferenceSession(path, native)
        : new InferenceSession(ArrayOf(_model.Bytes), native);

    // ONNX Runtime takes whole arrays only; a slice has to be copied.
    private static byte[] ArrayOf(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Array is { } array && segment.Count == array.Length ? array : bytes.ToArray();

    private void Configure(SessionOptions native, ProfileFolder? profile)
    {
        native.LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;
        native.IntraOpNumThreads = _options.Threads;
        native.AddSessionConfigEntry("session.intra_op.allow_spinning", _options.Spinning ? "1" : "0");
        if (profile is null)
            return;
        native.ProfileOutputPathPrefix = profile.Prefix;
        native.EnableProfiling = true;
    }
}
