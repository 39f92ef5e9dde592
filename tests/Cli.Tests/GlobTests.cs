namespace Anneal.Cli.Tests;

public sealed class GlobTests
{
    [Theory]
    [InlineData("cat.jpg", "cat.jpg", true)]
    [InlineData("cat.jpg", "*", true)]
    [InlineData("cat.jpg", "*.jpg", true)]
    [InlineData("cat.jpg", "*.JPG", false)]
    [InlineData("cat.jpg", "c?t.*", true)]
    [InlineData("cat.jpg", "?at", false)]
    [InlineData("cat.jpg", "c*t*g", true)]
    [InlineData("cat.jpg", "c*t*x", false)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*a*a*c", false)]
    [InlineData("cat.jpg", "[abc]at.jpg", true)]
    [InlineData("cat.jpg", "[a-c]at.jpg", true)]
    [InlineData("cat.jpg", "[d-z]at.jpg", false)]
    [InlineData("cat.jpg", "[!d-z]at.jpg", true)]
    [InlineData("cat.jpg", "[^c]at.jpg", false)]
    [InlineData("]at", "[]]at", true)]
    [InlineData("-at", "[a-]at", true)]
    [InlineData("[cat", "[cat", true)]
    [InlineData("a-c", "a[-]c", true)]
    [InlineData(".hidden", "*", false)]
    [InlineData(".hidden", ".*", true)]
    [InlineData("\U0001F408.jpg", "?.jpg", true)]
    [InlineData("", "*", true)]
    [InlineData("", "?", false)]
    public void A_name_matches_as_in_a_shell(string name, string pattern, bool expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && pattern.Contains("JPG", StringComparison.Ordinal), "Case does not count on Windows.");
        Assert.Equal(expected, Glob.Matches(name, pattern));
    }

    [Theory]
    [InlineData("*.jpg", "a.jpg b.jpg")]
    [InlineData("**/*.jpg", "a.jpg b.jpg sub/c.jpg sub/deep/d.jpg")]
    [InlineData("**", "a.jpg b.jpg e.png sub/c.jpg sub/deep/d.jpg")]
    [InlineData("sub/**", "sub/c.jpg sub/deep/d.jpg")]
    [InlineData("**/d*", "sub/deep sub/deep/d.jpg")]
    [InlineData("**/**/d.jpg", "sub/deep/d.jpg")]
    [InlineData("s?b/*.jpg", "sub/c.jpg")]
    [InlineData("*/deep/*", "sub/deep/d.jpg")]
    [InlineData("[ab].jpg", "a.jpg b.jpg")]
    [InlineData("./[ab].jpg", "./a.jpg ./b.jpg")]
    [InlineData("nothing*", "")]
    [InlineData("a.jpg/*", "")]
    public void A_pattern_finds_files_and_folders(string pattern, string expected)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["sub", "deep"]);
        Directory.CreateDirectory(folder[".git"]);
        foreach (var file in new[] { "a.jpg", "b.jpg", "e.png", "sub/c.jpg", "sub/deep/d.jpg", ".git/f.jpg", ".g.jpg" })
            File.WriteAllText(folder[file.Split('/')], "x");

        var found = new Glob($"{folder.Path}/{pattern}", path => Assert.Fail($"{path} could not be listed.")).Find();

        var relative = found.Select(path => path.Replace('\\', '/')[(folder.Path.Length + 1)..]).Order(StringComparer.Ordinal);
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), relative);
    }
}
