using Anneal.Zoo;

namespace Anneal.Cli;

/// <summary>"Did you mean": the known word that a mistyped one is nearest to.</summary>
internal static class Suggestion
{
    /// <summary>A sentence with a leading space, or nothing when no known word is near.</summary>
    public static string For(string typed, IEnumerable<string> known)
    {
        var nearest = known.Select(word => (Word: word, Distance: EditDistance.Between(typed, word))).MinBy(candidate => candidate.Distance);
        return nearest.Word is null || nearest.Distance > Math.Max(1, typed.Length / 3) ? "" : $" Did you mean {nearest.Word}?";
    }
}
