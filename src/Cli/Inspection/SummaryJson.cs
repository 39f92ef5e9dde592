using System.Text.Json;
using Anneal.Onnx;

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
        json.Strings("externalData", summary.ExternalFiles);
    });

    /// <summary>An extent is a number, the name of an open one, or null where nothing is known.</summary>
    private static void Write(Utf8JsonWriter json, Value value)
    {
        json.WriteString("name", value.Name);
        json.WriteString("type", value.Type is TensorType tensor ? tensor.ElementType.ToString() : value.Type?.ToString());
        if (value.Type is not TensorType { Shape: { } shape })
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
