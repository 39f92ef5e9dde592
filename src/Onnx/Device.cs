using System.Globalization;

namespace Anneal.Onnx;

/// <summary>What kind of device a <see cref="Device"/> names.</summary>
public enum DeviceKind
{
    /// <summary>The best device that can be had; what was chosen, and why, is reported.</summary>
    Auto,

    /// <summary>The processor, all cores of it.</summary>
    Cpu,

    /// <summary>An NVIDIA GPU through CUDA.</summary>
    Cuda,

    /// <summary>A device of an OpenCL platform.</summary>
    OpenCl,
}

/// <summary>
/// Where a model runs: <c>cpu</c>, <c>cuda:N</c>, <c>opencl:N</c> or <c>auto</c>. A plain value: naming a device does not need one to be present.
/// </summary>
public readonly record struct Device
{
    private Device(DeviceKind kind, int index) => (Kind, Index) = (kind, index);

    /// <summary>The best device that can be had.</summary>
    public static Device Auto => default;

    /// <summary>The processor.</summary>
    public static Device Cpu { get; } = new(DeviceKind.Cpu, 0);

    /// <summary>The kind of device.</summary>
    public DeviceKind Kind { get; }

    /// <summary>The number of the device among its kind, from 0.</summary>
    public int Index { get; }

    /// <summary>The NVIDIA GPU with this number, as the driver counts.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static Device Cuda(int index = 0) => Numbered(DeviceKind.Cuda, index);

    /// <summary>The OpenCL device with this number, counted over all platforms.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static Device OpenCl(int index = 0) => Numbered(DeviceKind.OpenCl, index);

    /// <summary>Reads <c>auto</c>, <c>cpu</c>, <c>cuda</c>, <c>cuda:N</c>, <c>opencl</c> or <c>opencl:N</c>; case does not matter.</summary>
    /// <exception cref="AnnealException">The text names no device.</exception>
    public static Device Parse(string text) => TryParse(text, out var device)
        ? device
        : throw new AnnealException($"'{text}' names no device. Expected auto, cpu, cuda, cuda:N, opencl or opencl:N, where N counts from 0.");

    /// <summary>As <see cref="Parse"/>, without an exception.</summary>
    public static bool TryParse(string? text, out Device device)
    {
        device = Auto;
        var parts = (text ?? "").Trim().ToLowerInvariant().Split(':');
        var index = 0;
        if (parts.Length > 2 || (parts.Length == 2 && !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index)))
            return false;
        Device? found = parts[0] switch
        {
            "auto" when parts.Length == 1 => Auto,
            "cpu" when parts.Length == 1 => Cpu,
            "cuda" => Cuda(index),
            "opencl" => OpenCl(index),
            _ => null,
        };
        device = found ?? Auto;
        return found is not null;
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => Kind switch
    {
        DeviceKind.Auto => "auto",
        DeviceKind.Cpu => "cpu",
        DeviceKind.Cuda => $"cuda:{Index}",
        _ => $"opencl:{Index}",
    };

    private static Device Numbered(DeviceKind kind, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new(kind, index);
    }
}
