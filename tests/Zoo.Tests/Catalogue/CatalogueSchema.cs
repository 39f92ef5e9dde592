using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Anneal.Zoo.Tests.Catalogue;

/// <summary>models.schema.json, checked by an implementation that is not ours.</summary>
internal static class CatalogueSchema
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(File.ReadAllText(Path.Combine(TestData.Checkout, "models.schema.json")));

    /// <summary>What the schema finds wrong, or null when nothing is.</summary>
    public static string? Complaint(string json)
    {
        var lenient = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        var result = Schema.Evaluate(JsonNode.Parse(json, documentOptions: lenient), new EvaluationOptions { OutputFormat = OutputFormat.List });
        var errors = result.Details.Where(detail => detail.HasErrors).SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}"));
        return result.IsValid ? null : string.Join('\n', errors);
    }
}
