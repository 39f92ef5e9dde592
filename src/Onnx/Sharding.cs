namespace Anneal.Onnx;

/// <summary>How one node runs under a device configuration (<c>NodeDeviceConfigurationProto</c>). Kept, not interpreted.</summary>
public sealed class NodeDeviceConfiguration : ModelPart
{
    /// <summary>The name of the <see cref="DeviceConfiguration"/>.</summary>
    public string ConfigurationId { get; set; } = "";

    /// <summary>How the node's tensors are split.</summary>
    public IList<ShardingSpec> Sharding { get; } = [];

    /// <summary>The stage of the pipeline that the node belongs to, or null when none is stated.</summary>
    public int? PipelineStage { get; set; }

    internal NodeDeviceConfiguration Copy()
    {
        var copy = new NodeDeviceConfiguration { ConfigurationId = ConfigurationId, PipelineStage = PipelineStage, Trace = Trace };
        foreach (var spec in Sharding)
            copy.Sharding.Add(spec.Copy());
        return copy;
    }
}

/// <summary>How one tensor is split over devices (<c>ShardingSpecProto</c>).</summary>
public sealed class ShardingSpec : ModelPart
{
    /// <summary>The tensor's name.</summary>
    public string TensorName { get; set; } = "";

    /// <summary>Numbers of devices, or keys of <see cref="DeviceGroups"/>.</summary>
    public IList<long> Devices { get; } = [];

    /// <summary>Groups of devices by key.</summary>
    public IList<DeviceGroup> DeviceGroups { get; } = [];

    /// <summary>The axes that are split.</summary>
    public IList<ShardedAxis> Axes { get; } = [];

    internal ShardingSpec Copy()
    {
        var copy = new ShardingSpec { TensorName = TensorName, Trace = Trace };
        foreach (var device in Devices)
            copy.Devices.Add(device);
        foreach (var group in DeviceGroups)
            copy.DeviceGroups.Add(group.Copy());
        foreach (var axis in Axes)
            copy.Axes.Add(axis.Copy());
        return copy;
    }
}

/// <summary>A group of devices that stands for one in a <see cref="ShardingSpec"/> (<c>IntIntListEntryProto</c>).</summary>
public sealed class DeviceGroup : ModelPart
{
    /// <summary>The number that stands for the group.</summary>
    public long Key { get; set; }

    /// <summary>The group's devices.</summary>
    public IList<long> Devices { get; } = [];

    internal DeviceGroup Copy()
    {
        var copy = new DeviceGroup { Key = Key, Trace = Trace };
        foreach (var device in Devices)
            copy.Devices.Add(device);
        return copy;
    }
}

/// <summary>How one axis is split (<c>ShardedDimProto</c>).</summary>
public sealed class ShardedAxis : ModelPart
{
    /// <summary>The axis; negative counts from the last.</summary>
    public long Axis { get; set; }

    /// <summary>The splits, one after another.</summary>
    public IList<SimpleSharding> Splits { get; } = [];

    internal ShardedAxis Copy()
    {
        var copy = new ShardedAxis { Axis = Axis, Trace = Trace };
        foreach (var split in Splits)
            copy.Splits.Add(new() { Extent = split.Extent, ShardCount = split.ShardCount, Trace = split.Trace });
        return copy;
    }
}

/// <summary>One even split of an axis (<c>SimpleShardedDimProto</c>).</summary>
public sealed class SimpleSharding : ModelPart
{
    /// <summary>The extent that is split.</summary>
    public Dim Extent { get; set; }

    /// <summary>Into how many shards.</summary>
    public long ShardCount { get; set; }
}
