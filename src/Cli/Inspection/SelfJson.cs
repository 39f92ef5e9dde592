using System.Globalization;
using System.Text.Json;
using Anneal.Zoo;

namespace Anneal.Cli.Inspection;

/// <summary>What a model file says of itself, for programs: the member <c>self</c>, null for a file that says nothing.</summary>
internal static class SelfJson
{
    /// <summary>Writes the member.</summary>
    public static void Write(ModelMetadata? facts, Utf8JsonWriter json)
    {
        json.WritePropertyName("self");
        if (facts is null)
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        Write(facts.Card, json);
        if (facts.ClassNames is { } names)
            json.Strings("classes", names);
        else
            json.WriteNull("classes");
        Write(facts.Lineage, json);
        Write(facts.Golden, json);
        json.WriteEndObject();
    }

    private static void Write(ModelCard? card, Utf8JsonWriter json)
    {
        json.WritePropertyName("card");
        if (card is null)
        {
            json.WriteNullValue();
            return;
        }
        // The names stand beside the card, as they do in the file.
        using var text = JsonDocument.Parse((card with { ClassNames = null }).ToJson());
        text.WriteTo(json);
    }

    private static void Write(Lineage? lineage, Utf8JsonWriter json)
    {
        json.WritePropertyName("lineage");
        if (lineage is null)
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        json.WriteString("parent", lineage.Parent);
        json.WriteString("parentSha256", lineage.ParentSha256);
        json.WriteString("dataSha256", lineage.DataSha256);
        json.WriteString("recipe", lineage.Recipe);
        json.WriteStartObject("metrics");
        foreach (var (name, value) in lineage.Metrics)
            json.WriteNumber(name, value);
        json.WriteEndObject();
        json.WriteString("madeBy", lineage.MadeBy);
        json.WriteEndObject();
    }

    private static void Write(GoldenExample? golden, Utf8JsonWriter json)
    {
        json.WritePropertyName("golden");
        if (golden is null)
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        json.WriteNumber("pictureBytes", golden.Picture.Length);
        json.WriteString("seed", golden.Seed?.ToString(CultureInfo.InvariantCulture));
        json.WriteStartArray("expected");
        foreach (var number in golden.Expected)
            json.WriteNumberValue(number);
        json.WriteEndArray();
        json.WriteNumber("tolerance", golden.Tolerance);
        json.WriteEndObject();
    }
}
