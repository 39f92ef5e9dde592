using System.Text.Json;
using Anneal.Zoo;

namespace Anneal.Cli;

/// <summary>A catalogue entry for programs: the entry itself, and where its file is on this machine.</summary>
internal static class CardJson
{
    /// <summary>One line; <c>path</c> is null when there is no file of it on this machine, <c>embedded</c> is true when none is needed.</summary>
    public static string Line(ModelCard card, string? path)
    {
        using var entry = JsonDocument.Parse(card.ToJson());
        return JsonText.Object(json =>
        {
            foreach (var member in entry.RootElement.EnumerateObject())
                member.WriteTo(json);
            json.WriteString("path", path);
            json.WriteBoolean("embedded", card.File is { IsEmbedded: true });
        });
    }
}
