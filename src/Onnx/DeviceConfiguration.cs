namespace Anneal.Onnx;

/// <summary>A named set of devices that a model can be spread over (<c>DeviceConfigurationProto</c>).</summary>
public sealed class DeviceConfiguration : ModelPart
{
    /// <summary>The name that nodes refer to.</summary>
    public string Name { get; set; } = "";

    /// <summary>How many devices there are.</summary>
    public int DeviceCount { get; set; }

    /// <summary>The devices' names, when they have any.</summary>
    public IList<string> Devices { get; } = [];

    internal DeviceConfiguration Copy()
    {
        var copy = new DeviceConfiguration { Name = Name, DeviceCount = DeviceCount, Trace = Trace };
        foreach (var device in Devices)
            copy.Devices.Add(device);
        return copy;
    }
}
