using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Anneal.Onnx.Tests;

/// <summary>Runs models in ONNX Runtime on the inputs that lie beside them, read with this library's own wire code.</summary>
internal static class OrtVectors
{
    /// <summary>
    /// What to feed a model, as functions that make ONNX Runtime's values: the first data set of a conformance vector, or, where there is
    /// none, a ramp from 0 to 1 for each input.
    /// </summary>
    public static IReadOnlyList<Func<OrtValue>> Inputs(string model, InferenceSession session)
    {
        var folder = Path.Combine(Path.GetDirectoryName(model)!, "test_data_set_0");
        if (Path.GetFileName(model) != "model.onnx" || !Directory.Exists(folder))
            return [.. session.InputMetadata.Values.Select(i => Ramp(Array.ConvertAll(i.Dimensions, d => d < 0 ? 1L : d)))];
        var inputs = OnnxFile.Load(model).Graph.Inputs;
        return [.. inputs.Take(Directory.GetFiles(folder, "input_*.pb").Length)
            .Select((input, i) => Stored(Path.Combine(folder, $"input_{i}.pb"), input.Type))];
    }

    /// <summary>One run; outputs as bytes, each with its type and shape in front.</summary>
    public static string[] Run(InferenceSession session, IReadOnlyList<Func<OrtValue>> inputs)
    {
        using var options = new RunOptions();
        var values = inputs.Select(make => make()).ToArray();
        try
        {
            using var outputs = session.Run(options, session.InputNames.Take(values.Length).ToArray(), values, session.OutputNames);
            return [.. outputs.Select(Describe)];
        }
        finally
        {
            foreach (var value in values)
                value.Dispose();
        }
    }

    private static Func<OrtValue> Ramp(long[] shape)
    {
        var elements = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = (float)i / elements.Length;
        return () => Value(TensorData.Create("ramp", elements, shape));
    }

    private static Func<OrtValue> Stored(string path, OnnxType? type) => type switch
    {
        SequenceType => () => Sequence(File.ReadAllBytes(path)),
        OptionalType { Element: SequenceType } => () => Sequence(Fields(File.ReadAllBytes(path), 5).Single()),
        OptionalType => () => Value(TensorFile.Parse(Fields(File.ReadAllBytes(path), 3).Single())),
        _ => () => Value(TensorFile.Load(path)),
    };

    /// <summary>A SequenceProto: its tensors are field 3.</summary>
    private static OrtValue Sequence(byte[] bytes) => OrtValue.CreateSequence([.. Fields(bytes, 3).Select(t => Value(TensorFile.Parse(t)))]);

    private static List<byte[]> Fields(byte[] message, int number)
    {
        var fields = new List<byte[]>();
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is not 0 and var tag)
            if (tag == WireFormat.MakeTag(number, WireFormat.WireType.LengthDelimited))
                fields.Add(input.ReadBytes().ToByteArray());
            else
                input.SkipLastField();
        return fields;
    }

    private static OrtValue Value(TensorData tensor)
    {
        var shape = tensor.Dims.ToArray();
        if (tensor.DType == DType.String)
        {
            var strings = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
            for (var i = 0; i < tensor.Strings.Count; i++)
                strings.StringTensorSetElementAt(tensor.Strings[i], i);
            return strings;
        }
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)(int)tensor.DType, shape);
        tensor.Bytes.Span.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private static string Describe(OrtValue value)
    {
        if (!value.IsTensor)
            return value.OnnxType.ToString() + string.Concat(Enumerable.Range(0, value.OnnxType == OnnxValueType.ONNX_TYPE_SEQUENCE ? value.GetValueCount() : 0)
                .Select(i => { using var element = value.GetValue(i, OrtAllocator.DefaultInstance); return Describe(element); }));
        var info = value.GetTensorTypeAndShape();
        var content = info.ElementDataType == TensorElementType.String
            ? string.Join('\n', value.GetStringTensorAsArray())
            : Convert.ToHexString(value.GetTensorMutableRawData());
        return $"{info.ElementDataType}[{string.Join(',', info.Shape)}] {content}";
    }
}
