namespace Anneal.Onnx.Wire;

/// <summary>Device configurations and sharding, message to object and back.</summary>
internal static class DeviceCodec
{
    public static DeviceConfiguration Decode(DeviceConfigurationProto proto)
    {
        var trace = new WireTrace { Unknown = UnknownFields.Save(proto) };
        var configuration = new DeviceConfiguration
        {
            Name = trace.Take(1, proto.HasName, proto.Name),
            DeviceCount = (int)trace.Take(2, proto.HasNumDevices, proto.NumDevices),
        };
        foreach (var device in proto.Device)
            configuration.Devices.Add(WireText.Decode(device.Span));
        configuration.Trace = trace;
        return configuration;
    }

    public static DeviceConfigurationProto Encode(DeviceConfiguration configuration)
    {
        var proto = new DeviceConfigurationProto();
        if (configuration.Trace.Keeps(1, configuration.Name))
            proto.Name = WireText.Encode(configuration.Name);
        if (configuration.Trace.Keeps(2, configuration.DeviceCount))
            proto.NumDevices = configuration.DeviceCount;
        proto.Device.AddRange(configuration.Devices.Select(WireText.Encode));
        return proto.With(configuration.Trace);
    }

    public static NodeDeviceConfiguration Decode(NodeDeviceConfigurationProto proto)
    {
        var trace = new WireTrace { Unknown = UnknownFields.Save(proto) };
        var configuration = new NodeDeviceConfiguration
        {
            ConfigurationId = trace.Take(1, proto.HasConfigurationId, proto.ConfigurationId),
            PipelineStage = proto.HasPipelineStage ? proto.PipelineStage : null,
        };
        foreach (var spec in proto.ShardingSpec)
            configuration.Sharding.Add(Decode(spec));
        configuration.Trace = trace;
        return configuration;
    }

    public static NodeDeviceConfigurationProto Encode(NodeDeviceConfiguration configuration)
    {
        var proto = new NodeDeviceConfigurationProto();
        if (configuration.Trace.Keeps(1, configuration.ConfigurationId))
            proto.ConfigurationId = WireText.Encode(configuration.ConfigurationId);
        proto.ShardingSpec.AddRange(configuration.Sharding.Select(Encode));
        if (configuration.PipelineStage is { } stage)
            proto.PipelineStage = stage;
        return proto.With(configuration.Trace);
    }

    private static ShardingSpec Decode(ShardingSpecProto proto)
    {
        var trace = new WireTrace { Unknown = UnknownFields.Save(proto) };
        var spec = new ShardingSpec { TensorName = trace.Take(1, proto.HasTensorName, proto.TensorName) };
        foreach (var device in proto.Device)
            spec.Devices.Add(device);
        foreach (var entry in proto.IndexToDeviceGroupMap)
            spec.DeviceGroups.Add(Decode(entry));
        foreach (var axis in proto.ShardedDim)
            spec.Axes.Add(Decode(axis));
        spec.Trace = trace;
        return spec;
    }

    private static ShardingSpecProto Encode(ShardingSpec spec)
    {
        var proto = new ShardingSpecProto();
        if (spec.Trace.Keeps(1, spec.TensorName))
            proto.TensorName = WireText.Encode(spec.TensorName);
        proto.Device.AddRange(spec.Devices);
        proto.IndexToDeviceGroupMap.AddRange(spec.DeviceGroups.Select(Encode));
        proto.ShardedDim.AddRange(spec.Axes.Select(Encode));
        return proto.With(spec.Trace);
    }

    private static DeviceGroup Decode(IntIntListEntryProto proto)
    {
        var trace = new WireTrace { Unknown = UnknownFields.Save(proto) };
        var group = new DeviceGroup { Key = trace.Take(1, proto.HasKey, proto.Key) };
        foreach (var device in proto.Value)
            group.Devices.Add(device);
        group.Trace = trace;
        return group;
    }

    private static IntIntListEntryProto Encode(DeviceGroup group)
    {
        var proto = new IntIntListEntryProto();
        if (group.Trace.Keeps(1, group.Key))
            proto.Key = group.Key;
        proto.Value.AddRange(group.Devices);
        return proto.With(group.Trace);
    }

    private static ShardedAxis Decode(ShardedDimProto proto)
    {
        var trace = new WireTrace { Unknown = UnknownFields.Save(proto) };
        var axis = new ShardedAxis { Axis = trace.Take(1, proto.HasAxis, proto.Axis) };
        foreach (var split in proto.SimpleSharding)
            axis.Splits.Add(Decode(split));
        axis.Trace = trace;
        return axis;
    }

    private static ShardedDimProto Encode(ShardedAxis axis)
    {
        var proto = new ShardedDimProto();
        if (axis.Trace.Keeps(1, axis.Axis))
            proto.Axis = axis.Axis;
        proto.SimpleSharding.AddRange(axis.Splits.Select(Encode));
        return proto.With(axis.Trace);
    }

    private static SimpleSharding Decode(SimpleShardedDimProto proto)
    {
        var trace = new WireTrace { Unknown = UnknownFields.Save(proto) };
        var extent = proto.DimCase switch
        {
            SimpleShardedDimProto.DimOneofCase.DimValue => Dim.Of(proto.DimValue),
            SimpleShardedDimProto.DimOneofCase.DimParam => Dim.Named(WireText.Decode(proto.DimParam.Span)),
            _ => Dim.Unknown,
        };
        return new() { Extent = extent, ShardCount = trace.Take(3, proto.HasNumShards, proto.NumShards), Trace = trace };
    }

    private static SimpleShardedDimProto Encode(SimpleSharding split)
    {
        var proto = new SimpleShardedDimProto();
        if (split.Extent.IsKnown)
            proto.DimValue = split.Extent.Value;
        else if (split.Extent.Symbol is { } symbol)
            proto.DimParam = WireText.Encode(symbol);
        if (split.Trace.Keeps(3, split.ShardCount))
            proto.NumShards = split.ShardCount;
        return proto.With(split.Trace);
    }
}
