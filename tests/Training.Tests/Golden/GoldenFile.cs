using System.Text.Json;

namespace Anneal.Training.Tests;

/// <summary>Numbers that were recorded once, from another program, and are never refreshed to make a test pass.</summary>
internal static class GoldenFile
{
    /// <summary>The root of a file in the folder Golden.</summary>
    public static JsonElement Read(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TestData.Checkout, "tests", "Training.Tests", "Golden", name)));
        return document.RootElement.Clone();
    }

    /// <summary>A list of numbers.</summary>
    public static double[] Numbers(this JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];
}
