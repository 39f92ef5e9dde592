using System.Text.Json;
using Anneal.Zoo;

namespace Anneal.Cli;

/// <summary>A catalogue entry for programs: the entry itself, and where its file is on this machine.</summary>
internal static class CardJson
{
    /// <summary>One line; <c>path</c> is null when the file is not on this machine.</summary>
    public static string Line(ModelCard card, string? path)
    {
        using var entry = JsonDocument.Parse(card.ToJson());
        return JsonText.Object(json =>
        {
            foreach (var member in entry.RootElement.EnumerateObject())
                member.WriteTo(json);
            json.WriteString("path", path);
        });
    }
}
