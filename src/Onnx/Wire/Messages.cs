using Google.Protobuf;

namespace Anneal.Onnx.Wire;

// Every generated message, opened by one member: what it keeps of fields it does not know.

internal sealed partial class ModelProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
}

internal sealed partial class OperatorSetIdProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
}

internal sealed partial class StringStringEntryProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
}

internal sealed partial class TrainingInfoProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
}

internal sealed partial class FunctionProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
}

internal sealed partial class GraphProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
}

internal sealed partial class NodeProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
}

internal sealed partial class AttributeProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
}

internal sealed partial class ValueInfoProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
}

internal sealed partial class TensorProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
}

internal sealed partial class SparseTensorProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
}

internal sealed partial class TensorAnnotation : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
}

internal sealed partial class TypeProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;

    public static partial class Types
    {
        internal sealed partial class Tensor : IKeepsUnknown
        {
            UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
        }

        internal sealed partial class Sequence : IKeepsUnknown
        {
            UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
        }

        internal sealed partial class Map : IKeepsUnknown
        {
            UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
        }

        internal sealed partial class Opaque : IKeepsUnknown
        {
            UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
        }

        internal sealed partial class SparseTensor : IKeepsUnknown
        {
            UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
        }

        internal sealed partial class Optional : IKeepsUnknown
        {
            UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
        }
    }
}

internal sealed partial class TensorShapeProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;

    public static partial class Types
    {
        internal sealed partial class Dimension : IKeepsUnknown
        {
            UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
        }
    }
}

internal sealed partial class DeviceConfigurationProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
}

internal sealed partial class NodeDeviceConfigurationProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
}

internal sealed partial class ShardingSpecProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
}

internal sealed partial class IntIntListEntryProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
}

internal sealed partial class ShardedDimProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
}

internal sealed partial class SimpleShardedDimProto : IKeepsUnknown
{
    UnknownFieldSet? IKeepsUnknown.Unknown => _unknownFields;
}
