using System.Reflection;
using PublicApiGenerator;

namespace Anneal.House.Tests;

/// <summary>
/// Every library's public surface stands in a file beside its project, so that a change to it is seen in review. When a change is meant,
/// the test leaves what it found as <c>api.received.txt</c> beside the old file; read the difference, then rename it.
/// </summary>
public sealed class PublicApiTests
{
    private static readonly ApiGeneratorOptions Options = new() { IncludeAssemblyAttributes = false };

    [Theory]
    [InlineData("Onnx")]
    [InlineData("Runtime")]
    [InlineData("Zoo")]
    [InlineData("Training")]
    public void The_public_surface_is_the_reviewed_one(string project)
    {
        var folder = Path.Combine(TestData.Checkout, "src", project);
        var expected = Path.Combine(folder, "api.txt");
        var received = Path.Combine(folder, "api.received.txt");
        var surface = Assembly.Load($"Anneal.{project}").GeneratePublicApi(Options).ReplaceLineEndings("\n");
        if (!surface.EndsWith('\n'))
            surface += '\n';
        if (File.Exists(expected) && File.ReadAllText(expected) == surface)
        {
            File.Delete(received);
            return;
        }
        File.WriteAllText(received, surface);
        Assert.Fail($"The public surface of Anneal.{project} changed. Compare {expected} with {received}; if the change is meant, rename the latter over the former.");
    }
}
