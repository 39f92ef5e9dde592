using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace Anneal.Cli;

/// <summary>Options that are numbers within bounds.</summary>
internal static class Ranges
{
    /// <summary>Refuses what is no whole number or lies outside, naming the option and its range.</summary>
    public static void Require<T>(Option<T> option, T least, T most) where T : IBinaryInteger<T>
    {
        option.CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (!T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || number < least || number > most)
                result.AddError($"{option.Name}: '{text}' is no whole number from {least} to {most}.");
            return number;
        };
    }
}
