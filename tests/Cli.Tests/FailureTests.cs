using Anneal.Onnx;

namespace Anneal.Cli.Tests;

public sealed class FailureTests
{
    private static readonly Dictionary<string, Exception> Errors = new()
    {
        ["model"] = new AnnealException("There is no model 'x'."),
        ["disk"] = new IOException("No space left on device."),
        ["rights"] = new UnauthorizedAccessException("Access denied."),
        ["bug"] = new InvalidOperationException("Sequence contains no elements."),
    };

    [Theory]
    [InlineData("model", 3, "There is no model 'x'.")]
    [InlineData("disk", 74, "No space left on device.")]
    [InlineData("rights", 74, "Access denied.")]
    [InlineData("bug", 70, "ANNEAL_DEBUG=1")]
    public void An_exception_is_one_line_and_an_exit_code(string kind, int code, string said)
    {
        var error = new StringWriter { NewLine = "\n" };
        Assert.Equal(code, Failure.Explain(new Screen(TextWriter.Null, error), Errors[kind], CancellationToken.None));
        var line = Assert.Single(error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("anneal: ", line, StringComparison.Ordinal);
        Assert.Contains(said, line, StringComparison.Ordinal);
    }
}
