using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>
/// Something that runs ONNX models. <c>OrtEngine</c> is the one that ships here; others live in floors above and are passed in.
/// An engine is stateless and safe to share between threads.
/// </summary>
public interface IEngine
{
    /// <summary>The short name a command line uses: <c>ort</c>.</summary>
    string Name { get; }

    /// <summary>Every device this engine knows of, with whether it can be had here and, if not, what is missing.</summary>
    IReadOnlyList<DeviceStatus> Devices { get; }

    /// <summary>Opens a model on a device. The session owns what it needs; dispose it to give the memory back.</summary>
    /// <exception cref="InvalidModelException">The file is not a model this engine can run.</exception>
    /// <exception cref="DeviceUnavailableException">The device that the options name cannot be had; never replaced in silence.</exception>
    IModelSession Open(ModelSource model, EngineOptions? options = null);
}

/// <summary>A device as an engine sees it.</summary>
/// <param name="Device">The device.</param>
/// <param name="Name">What the hardware calls itself, or a plain word such as <c>CPU</c>.</param>
/// <param name="Provider">The part of the engine that drives it: <c>CPUExecutionProvider</c>.</param>
/// <param name="Missing">Null when the device can be used; otherwise what is missing and how to get it.</param>
public sealed record DeviceStatus(Device Device, string Name, string Provider, string? Missing = null)
{
    /// <summary>Whether a session can be opened on the device.</summary>
    public bool IsAvailable => Missing is null;
}
