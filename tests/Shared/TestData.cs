using Xunit;

namespace Anneal.Tests;

/// <summary>
/// Real models, photos and vectors that live outside the project. They are looked for in <c>$ANNEAL_TEST_DATA</c>, then in
/// <c>shared/data</c> beside the checkout; a test that needs what is absent is skipped and says so.
/// </summary>
public static class TestData
{
    private static readonly string? Root = FindRoot();

    /// <summary>Whether the folder of real data is there at all.</summary>
    public static bool IsPresent => Root is not null;

    /// <summary>The full path of a file or folder in the data, or a skipped test.</summary>
    public static string Require(params string[] parts)
    {
        Assert.SkipWhen(Root is null, "No real test data: set ANNEAL_TEST_DATA or put shared/data beside the checkout.");
        var path = Path.Combine([Root, .. parts]);
        Assert.SkipUnless(Path.Exists(path), $"The test data has no {Path.Combine(parts)}.");
        return path;
    }

    /// <summary>The root of the checkout: the folder that holds Anneal.slnx.</summary>
    public static string Checkout { get; } = FindUpwards("Anneal.slnx")
        ?? throw new InvalidOperationException("The tests must run from inside the checkout: no Anneal.slnx above " + AppContext.BaseDirectory);

    private static string? FindRoot()
    {
        if (Environment.GetEnvironmentVariable("ANNEAL_TEST_DATA") is { Length: > 0 } given)
            return Directory.Exists(given) ? given : throw new DirectoryNotFoundException($"ANNEAL_TEST_DATA names {given}, which is no folder.");
        var beside = Path.GetFullPath(Path.Combine(FindUpwards("Anneal.slnx") ?? ".", "..", "shared", "data"));
        return Directory.Exists(beside) ? beside : null;
    }

    private static string? FindUpwards(string file)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, file)))
                return folder.FullName;
        return null;
    }
}
