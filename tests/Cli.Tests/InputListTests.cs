namespace Anneal.Cli.Tests;

public sealed class InputListTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_is_all_its_files_recursively_in_ordinal_order_whatever_they_are_called()
    {
        Make("b.jpg", "B.jpg", "a/z.txt", "a/.hidden", "a-b.jpg", "noextension", "ä.jpg", "a/deep/er/1");
        Assert.Equal(["B.jpg", "a-b.jpg", "a/.hidden", "a/deep/er/1", "a/z.txt", "b.jpg", "noextension", "ä.jpg"], Files(_folder.Path));
    }

    [Fact]
    public void Inputs_keep_the_order_and_the_repetition_they_were_given_in()
    {
        Make("b.jpg", "a.jpg", "sub/c.jpg");
        Assert.Equal(["b.jpg", "sub/c.jpg", "a.jpg", "b.jpg"], Files(_folder["b.jpg"], _folder["sub"], _folder["a.jpg"], _folder["b.jpg"]));
    }

    [Fact]
    public void A_pattern_is_everything_it_matches_in_ordinal_order()
    {
        Make("b.jpg", "a.jpg", "C.jpg", "d.png");
        Assert.Equal(["C.jpg", "a.jpg", "b.jpg"], Files(_folder["*.jpg"]));
    }

    [Fact]
    public void A_folder_that_a_pattern_matches_is_all_its_files_as_it_is_when_a_shell_expands_it()
    {
        Make("x1/b.jpg", "x1/a.jpg", "x2.jpg", "y.jpg");
        Assert.Equal(["x1/a.jpg", "x1/b.jpg", "x2.jpg"], Files(_folder["x*"]));
    }

    [Fact]
    public void A_path_that_exists_is_itself_whatever_characters_it_holds()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names.");
        Make("[ab].jpg", "a.jpg", "b.jpg", "*.jpg", "odd?/c.jpg");
        Assert.Equal(["[ab].jpg", "*.jpg", "odd?/c.jpg"], Files(_folder["[ab].jpg"], _folder["*.jpg"], _folder["odd?"]));
    }

    [Theory]
    [InlineData("missing.jpg", "no file or folder")]
    [InlineData("*.gif", "Nothing matches")]
    [InlineData("empty", "no file in the folder")]
    [InlineData("", "no file or folder")]
    public void What_stands_for_nothing_is_an_input_with_an_error(string given, string expected)
    {
        Directory.CreateDirectory(_folder["empty"]);
        Make("a.jpg");
        var path = given.Length == 0 ? "" : _folder[given];
        var input = Assert.Single(InputList.Expand([path]).Inputs);
        Assert.Equal(path, input.File);
        Assert.Contains(expected, input.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_in_a_folder_is_an_input_with_an_error()
    {
        File.WriteAllText(_folder["empty.jpg"], "");
        Assert.Contains("empty", Assert.Single(InputList.Expand([_folder.Path]).Inputs).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_back_to_a_folder_is_not_followed_and_said_so()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege on Windows.");
        Make("sub/a.jpg");
        Directory.CreateSymbolicLink(_folder["sub", "loop"], _folder.Path);
        var list = InputList.Expand([_folder.Path, _folder["**", "*.jpg"]]);
        Assert.Equal(["sub/a.jpg", "sub/a.jpg"], list.Inputs.Select(input => Relative(input.File)));
        Assert.Contains("loop", Assert.Single(list.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_still_an_input()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege on Windows.");
        File.CreateSymbolicLink(_folder["lost.jpg"], _folder["gone.jpg"]);
        Assert.Equal(["lost.jpg"], Files(_folder.Path));
    }

    private void Make(params string[] files)
    {
        foreach (var file in files)
        {
            var path = _folder[file.Split('/')];
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "x");
        }
    }

    private IEnumerable<string> Files(params string[] given) => InputList.Expand(given).Inputs.Select(input =>
    {
        Assert.Null(input.Error);
        return Relative(input.File);
    });

    private string Relative(string path) => path.Replace('\\', '/')[(_folder.Path.Length + 1)..];
}
