using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace Anneal.Onnx.Wire;

/// <summary>Tensors and sparse tensors, message to object and back, in whichever form their elements stood. Elements are never copied.</summary>
internal static class TensorCodec
{
    private const int IsExternal = 1;

    public static TensorData Decode(TensorProto proto, DecodeContext context)
    {
        var trace = default(WireTrace);
        var name = trace.Take(8, proto.HasName, proto.Name);
        var dtype = (DType)trace.Take(2, proto.HasDataType, proto.DataType);
        trace.Take(14, proto.HasDataLocation, proto.DataLocation);
        var doc = trace.Take(12, proto.HasDocString, proto.DocString);
        var unknown = UnpackedElements.Pack(proto);
        long[] dims = [.. proto.Dims];
        var elements = DecodeElements(proto, name, dtype, dims, context);
        trace.Unknown = Leftover(proto, elements, unknown);
        var tensor = new TensorData(name, dtype, dims, elements)
        {
            DocString = doc,
            Segment = proto.Segment is { } segment ? (segment.Begin, segment.End) : null,
            Trace = trace,
        };
        EntryCodec.Decode(proto.MetadataProps, tensor);
        return tensor;
    }

    public static SparseTensor Decode(SparseTensorProto proto, DecodeContext context)
    {
        var values = proto.Values is null ? null : Decode(proto.Values, context);
        var indices = proto.Indices is null ? null : Decode(proto.Indices, context);
        return new(values, indices, [.. proto.Dims]) { Trace = new() { Unknown = UnknownFields.Save(proto) } };
    }

    public static TensorProto Encode(TensorData tensor, string name, EncodeContext context)
    {
        var trace = tensor.Trace;
        var proto = new TensorProto();
        if (trace.Keeps(8, name))
            proto.Name = WireText.Encode(name);
        if (trace.Keeps(2, (long)tensor.DType))
            proto.DataType = (int)tensor.DType;
        if (trace.Keeps(12, tensor.DocString))
            proto.DocString = WireText.Encode(tensor.DocString);
        foreach (var dim in tensor.Dims)
            proto.Dims.Add(dim);
        if (context.External?.Take(tensor) is { } location)
            EncodeExternal(proto, location);
        else
            EncodeElements(proto, tensor);
        if (trace.Wrote(14) && !proto.HasDataLocation)
            proto.DataLocation = 0;
        EntryCodec.Encode(tensor, proto.MetadataProps);
        return proto.With(trace);
    }

    public static SparseTensorProto Encode(SparseTensor tensor, EncodeContext context)
    {
        var proto = new SparseTensorProto();
        if (tensor.Values is { } values)
            proto.Values = Encode(values, values.Name, context);
        if (tensor.Indices is { } indices)
            proto.Indices = Encode(indices, indices.Name, context);
        foreach (var dim in tensor.Dims)
            proto.Dims.Add(dim);
        return proto.With(tensor.Trace);
    }

    private static TensorElements DecodeElements(TensorProto proto, string name, DType dtype, long[] dims, DecodeContext context)
    {
        var count = TensorLayout.ElementCount(name, dims);
        var isKnown = dtype.IsKnown();
        if (proto.DataLocation == IsExternal)
            return context.External.Read(name, Location(proto, name), isKnown ? TensorLayout.ByteLength(name, dtype, count) : null);
        if (proto.DataLocation != 0)
            throw new InvalidModelException($"Tensor '{name}' lies at a data location of kind {proto.DataLocation}; expected 0 (inside the file) or 1 (external).");
        if (!isKnown)
            return new(TensorStorage.None);
        var fields = TypedFields(proto).Where(f => f.Blocks.Count > 0).ToArray();
        if (fields.Length + (proto.HasRawData ? 1 : 0) > 1)
            throw new InvalidModelException($"Tensor '{name}' holds its elements in more than one field.");
        var elements = fields is [var (field, blocks)] ? Typed(name, dtype, field, blocks)
            : proto.HasRawData ? new(TensorStorage.Raw) { Bytes = proto.RawData.Memory }
            : new TensorElements(TensorStorage.None);
        if (proto.Segment is null)
            RequireCount(elements, name, dtype, dims, count);
        return elements;
    }

    private static TensorElements Typed(string name, DType dtype, TypedField field, RepeatedField<ByteString> blocks)
    {
        if (field != TensorLayout.FieldOf(dtype))
            throw new InvalidModelException($"Tensor '{name}' is of type {dtype} and holds its elements in the field for {field}; expected the one for {TensorLayout.FieldOf(dtype)}.");
        return field == TypedField.String
            ? new(TensorStorage.Strings) { Strings = [.. blocks.Select(b => b.Memory)] }
            : new(TensorStorage.Typed) { Typed = new(field, [.. blocks]) };
    }

    private static void RequireCount(TensorElements elements, string name, DType dtype, long[] dims, long count)
    {
        var (found, expected, unit) = elements.Storage switch
        {
            TensorStorage.Raw => (elements.Bytes.Length, TensorLayout.ByteLength(name, dtype, count), "bytes"),
            TensorStorage.Typed => (elements.Typed!.Count(name), TensorLayout.EntryCount(dtype, count), "entries"),
            TensorStorage.Strings => (elements.Strings!.Length, count, "strings"),
            _ => (0L, 0L, ""),
        };
        if (found != expected)
            throw new InvalidModelException($"Tensor '{name}' of type {dtype} [{string.Join(',', dims)}] needs {expected} {unit}; the file holds {found}.");
    }

    private static ExternalLocation Location(TensorProto proto, string name)
    {
        string? Find(string key) => proto.ExternalData.FirstOrDefault(e => WireText.Decode(e.Key.Span) == key) is { } entry ? WireText.Decode(entry.Value.Span) : null;
        long? Number(string key) => Find(key) is not { } text ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new InvalidModelException($"Tensor '{name}': the {key} of its external data is '{text}'; expected a number of bytes.");
        var location = Find("location") is { Length: > 0 } given
            ? given
            : throw new InvalidModelException($"Tensor '{name}' lies in external data and names no file for it.");
        return new(location, Number("offset") ?? 0, Number("length"), Find("checksum"));
    }

    /// <summary>Every field that no property accounts for, as bytes: unknown ones, elements of an unknown type, stray locations.</summary>
    private static ReadOnlyMemory<byte> Leftover(TensorProto proto, TensorElements elements, ReadOnlyMemory<byte> unknown)
    {
        var leftover = new TensorProto { Segment = proto.Segment };
        if (proto.DataLocation != IsExternal)
            leftover.ExternalData.AddRange(proto.ExternalData);
        if (elements.Storage == TensorStorage.None)
            TakeElements(proto, leftover);
        leftover.MergeFrom(unknown.Span);
        return leftover.CalculateSize() > 0 ? leftover.ToByteArray() : default;
    }

    private static void TakeElements(TensorProto from, TensorProto to)
    {
        if (from.HasRawData)
            to.RawData = from.RawData;
        foreach (var (source, target) in TypedFields(from).Zip(TypedFields(to)))
            target.Blocks.AddRange(source.Blocks);
    }

    private static void EncodeElements(TensorProto proto, TensorData tensor)
    {
        switch (tensor.Storage)
        {
            case TensorStorage.None:
                break;
            case TensorStorage.Typed:
                BlocksOf(proto, tensor.Typed!.Field).AddRange(tensor.Typed.Blocks);
                break;
            case TensorStorage.Strings:
                proto.StringData.AddRange(tensor.StringBytes.Select(UnsafeByteOperations.UnsafeWrap));
                break;
            default:
                proto.RawData = UnsafeByteOperations.UnsafeWrap(tensor.Bytes);
                break;
        }
    }

    private static void EncodeExternal(TensorProto proto, ExternalLocation location)
    {
        proto.DataLocation = IsExternal;
        proto.ExternalData.Add(Entry("location", location.Location));
        proto.ExternalData.Add(Entry("offset", location.Offset.ToString(CultureInfo.InvariantCulture)));
        if (location.Length is { } length)
            proto.ExternalData.Add(Entry("length", length.ToString(CultureInfo.InvariantCulture)));
        if (location.Checksum is { } checksum)
            proto.ExternalData.Add(Entry("checksum", checksum));
    }

    private static StringStringEntryProto Entry(string key, string value) => new() { Key = WireText.Encode(key), Value = WireText.Encode(value) };

    internal static RepeatedField<ByteString> BlocksOf(TensorProto proto, TypedField field) =>
        TypedFields(proto).First(f => f.Field == field).Blocks;

    private static IEnumerable<(TypedField Field, RepeatedField<ByteString> Blocks)> TypedFields(TensorProto proto) =>
    [
        (TypedField.Float, proto.FloatData),
        (TypedField.Int32, proto.Int32Data),
        (TypedField.String, proto.StringData),
        (TypedField.Int64, proto.Int64Data),
        (TypedField.Double, proto.DoubleData),
        (TypedField.UInt64, proto.Uint64Data),
    ];
}
