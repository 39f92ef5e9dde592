using System.Text.Json;
using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Cli.Inspection;

/// <summary>A model's summary for programs: one object.</summary>
internal static class SummaryJson
{
    public static string Of(ModelSummary summary) => JsonText.Object(json =>
    {
        json.WriteString("file", summary.Path);
        json.WriteNumber("sizeBytes", summary.SizeBytes);
        json.WriteNumber("irVersion", summary.IrVersion);
        json.WriteStartObject("opsets");
        foreach (var set in summary.OperatorSets)
            json.WriteNumber(Onnx.OperatorSets.Normalise(set.Domain), set.Version);
        json.WriteEndObject();
        json.WriteString("producer", summary.Producer);
        json.WriteString("description", summary.Description);
        json.Objects("inputs", summary.Inputs, value => Write(json, value));
        json.Objects("outputs", summary.Outputs, value => Write(json, value));
        json.Objects("parameters", summary.Parameters, count =>
        {
            json.WriteString("type", count.DType.ToString());
            json.WriteNumber("tensors", count.Tensors);
            json.WriteNumber("elements", count.Elements);
            json.WriteNumber("bytes", count.Bytes);
        });
        json.WriteStartObject("nodes");
        foreach (var count in summary.Operators)
            json.WriteNumber(count.Operator, count.Nodes);
        json.WriteEndObject();
        json.WriteNumber("subgraphs", summary.Subgraphs);
        json.Strings("functions", summary.Functions.Select(function => function.ToString()));
        json.Objects("metadata", summary.Metadata, entry =>
        {
            json.WriteString("key", entry.Key);
            json.WriteString("value", entry.Value);
        });
        SelfJson.Write(summary.Self.Facts, json);
        json.Strings("externalData", summary.ExternalFiles);
        Write(json, summary.Work);
        json.Objects("warnings", summary.Warnings, warning =>
        {
            json.WriteString("kind", warning.Kind);
            json.WriteString("text", warning.Text);
        });
    });

    /// <summary>A picture's work: null stands for what could not be worked out.</summary>
    private static void Write(Utf8JsonWriter json, ModelWork work)
    {
        json.WriteStartObject("picture");
        json.WriteString("problem", work.Problem);
        Write(json, work.Cost?.Total ?? Cost.Unknown);
        json.Number("parameters", work.Cost?.Parameters);
        json.Number("peakActivationBytes", work.Cost?.PeakActivationBytes);
        json.WriteEndObject();
        json.Objects("layers", work.Layers, layer =>
        {
            json.WriteString("name", ModelWork.NameOf(layer));
            json.WriteString("operator", layer.Node.OpType);
            json.WriteNumber("parameters", layer.Parameters);
            Write(json, layer.Cost);
            Write(json, work.OutputOf(layer));
        });
    }

    private static void Write(Utf8JsonWriter json, Cost cost)
    {
        json.Number("multiplyAdds", cost.MultiplyAdds);
        json.Number("operations", cost.Operations);
        json.Number("flops", cost.Flops);
    }

    private static void Write(Utf8JsonWriter json, Value value)
    {
        json.WriteString("name", value.Name);
        Write(json, value.Type);
    }

    /// <summary>An extent is a number, the name of an open one, or null where nothing is known.</summary>
    private static void Write(Utf8JsonWriter json, OnnxType? type)
    {
        json.WriteString("type", type is TensorType tensor ? tensor.ElementType.ToString() : type?.ToString());
        if (type is not TensorType { Shape: { } shape })
        {
            json.WriteNull("shape");
            return;
        }
        json.WriteStartArray("shape");
        foreach (var dim in shape)
        {
            if (dim.IsKnown)
                json.WriteNumberValue(dim.Value);
            else
                json.WriteStringValue(dim.Symbol);
        }
        json.WriteEndArray();
    }
}
