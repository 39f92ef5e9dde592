using System.IO.Enumeration;
using Anneal.Onnx;

namespace Anneal.Training.Nn;

/// <summary>Finds parameters by a pattern of their names.</summary>
internal static class NamePattern
{
    private const int MostListed = 5;

    /// <summary>The parameters whose names match.</summary>
    /// <exception cref="AnnealException">None does.</exception>
    public static IReadOnlyList<Parameter> Matches(string pattern, IReadOnlyList<(string Name, Parameter Parameter)> parameters, string title)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        Parameter[] matches = [.. parameters.Where(named => FileSystemName.MatchesSimpleExpression(pattern, named.Name, ignoreCase: false)).Select(named => named.Parameter)];
        return matches.Length > 0 ? matches : throw new AnnealException($"{title} has no parameter whose name matches '{pattern}'. {Advice(pattern, parameters)}");
    }

    private static string Advice(string pattern, IReadOnlyList<(string Name, Parameter Parameter)> parameters) => parameters.Count == 0
        ? "It has no parameters at all."
        : $"The nearest of its {parameters.Count} names are {string.Join(", ", parameters.Select(named => named.Name).OrderByDescending(name => Shared(pattern, name)).Take(MostListed))}.";

    /// <summary>How many neighbouring pairs of letters two names have in common, in whatever place.</summary>
    private static int Shared(string pattern, string name)
    {
        var pairs = Pairs(name).ToHashSet();
        return Pairs(pattern).Distinct().Count(pairs.Contains);
    }

    private static IEnumerable<(char, char)> Pairs(string text) => text.Zip(text.Skip(1), (a, b) => (char.ToUpperInvariant(a), char.ToUpperInvariant(b)));
}
