using System.Text.Json;
using Anneal.Runtime.Conformance;

namespace Anneal.Cli.Conformance;

/// <summary>What came of a case as one line of JSON, its members always the same and in the same order.</summary>
internal static class CaseLine
{
    public static string Of(string name, ConformanceResult result) => JsonText.Object(json =>
    {
        json.WriteString("case", name);
        json.WriteString("result", WordFor(result.Outcome));
        json.WriteString("reason", result.Reason);
        json.Number("maxError", result.MaxError);
    });

    /// <summary>Reads a line that <see cref="Of"/> wrote.</summary>
    public static ConformanceResult Read(string line)
    {
        using var json = JsonDocument.Parse(line);
        var (result, maxError) = (json.RootElement.GetProperty("result").GetString(), json.RootElement.GetProperty("maxError"));
        return new(
            Enum.GetValues<ConformanceOutcome>().First(outcome => WordFor(outcome) == result),
            json.RootElement.GetProperty("reason").GetString(),
            maxError.ValueKind == JsonValueKind.Number ? maxError.GetDouble() : null);
    }

    public static string WordFor(ConformanceOutcome outcome) => outcome switch
    {
        ConformanceOutcome.Pass => "pass",
        ConformanceOutcome.Fail => "fail",
        _ => "unsupported",
    };
}
