using Anneal.Onnx;
using Anneal.Runtime;

namespace Anneal.Training;

/// <summary>
/// Runs models on this library's own kernels: <c>zoo.Load("resnet101", new() { Engine = new AnnealEngine() })</c>. Stateless, cheap to create and
/// safe to share between threads. A model of an older operator set is brought to the current one while it opens, constants are folded and
/// normalisation goes into weights; results stay within 1e-4 of those of <see cref="OrtEngine"/>. A caller's inputs are copied into aligned memory.
/// <para>
/// Of <see cref="EngineOptions"/>, <see cref="EngineOptions.Spinning"/> changes nothing: idle workers spin for some microseconds and then sleep,
/// because all sessions share them. <see cref="EngineOptions.Threads"/> may ask for fewer threads than there are cores, not for more, and changes no
/// result. <see cref="IModelSession.Placement"/> is always told, with or without <see cref="EngineOptions.ReportPlacement"/>. A model runs wholly on
/// its device or not at all: <see cref="EngineOptions.AllowCpuFallback"/> is refused on a GPU, and <see cref="EngineOptions.ProviderLibrary"/>
/// everywhere.
/// </para>
/// </summary>
public sealed class AnnealEngine : IEngine
{
    /// <inheritdoc/>
    public string Name => "anneal";

    /// <inheritdoc/>
    public IReadOnlyList<DeviceStatus> Devices => EngineDevices.Status();

    /// <inheritdoc/>
    /// <exception cref="InvalidModelException">The file is no model, or this engine lacks a kernel for it; the message names every such operator and node.</exception>
    /// <exception cref="DeviceUnavailableException">The device cannot be had, or the engine lacks a kernel for it; the message names every such operator and node.</exception>
    /// <exception cref="AnnealException">An option is out of its range or has no meaning here.</exception>
    public IModelSession Open(ModelSource model, EngineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= EngineOptions.Default;
        options.Validate();
        if (options.ProviderLibrary is not null)
            throw new AnnealException($"EngineOptions.{nameof(EngineOptions.ProviderLibrary)} names a plugin of ONNX Runtime; the engine '{Name}' has kernels of its own and takes none. Leave it out, or use the engine 'ort'.");
        return new SessionOpener(Name, model, options).Open();
    }
}
