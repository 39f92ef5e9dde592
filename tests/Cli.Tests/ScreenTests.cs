namespace Anneal.Cli.Tests;

public sealed class ScreenTests
{
    [Theory]
    [InlineData("photo.jpg", "photo.jpg")]
    [InlineData("a\u001b[31mred.jpg", "a\uFFFD[31mred.jpg")]
    [InlineData("two\nlines.jpg", "two lines.jpg")]
    [InlineData("bell\a.jpg", "bell\uFFFD.jpg")]
    public void A_file_name_cannot_steer_the_terminal(string text, string expected) => Assert.Equal(expected, Screen.Printable(text));

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(999, "999 bytes")]
    [InlineData(1000, "1.0 kB")]
    [InlineData(999_960, "1.0 MB")]
    [InlineData(178_914_043, "178.9 MB")]
    [InlineData(5_000_000_000, "5.0 GB")]
    public void Bytes_are_given_in_decimal_units(long bytes, string expected) => Assert.Equal(expected, Quantity.Bytes(bytes));

    [Fact]
    public void Columns_stand_under_each_other_with_numbers_to_the_right()
    {
        var output = new StringWriter { NewLine = "\n" };
        var columns = new Columns();
        columns.Add("a", "1,000", "x");
        columns.Add("bbb", "20", "a long last cell");
        columns.WriteTo(new Screen(output, output), indent: 2);
        Assert.Equal("  a    1,000  x\n  bbb     20  a long last cell\n", output.ToString());
    }

    [Theory]
    [InlineData("--modle", " Did you mean --model?")]
    [InlineData("--js", "")]
    [InlineData("--nonsense", "")]
    public void A_word_is_suggested_when_one_is_near(string typed, string expected) =>
        Assert.Equal(expected, Suggestion.For(typed, ["--model", "--json", "--top"]));
}
