using System.Xml.Linq;

namespace Anneal.House.Tests;

/// <summary>Which way arrows point between the floors, read from the project files.</summary>
public sealed class ArchitectureTests
{
    /// <summary>The floors from the ground up; each may use those before it.</summary>
    private static readonly string[] Floors = ["Onnx", "Runtime", "Zoo", "Training", "Cli"];

    public static TheoryData<string> Projects => [.. Directory.EnumerateFiles(Path.Combine(TestData.Checkout, "src"), "*.csproj", SearchOption.AllDirectories)
        .Select(path => Path.GetFileNameWithoutExtension(path)!)];

    [Theory, MemberData(nameof(Projects))]
    public void A_floor_uses_only_floors_below_it(string project)
    {
        var floor = Array.IndexOf(Floors, project);
        Assert.True(floor >= 0, $"{project} is no known floor: give it a place in {nameof(Floors)} and in docs/architecture.md.");
        foreach (var used in References(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)!))
            Assert.True(Array.IndexOf(Floors, used) < floor, $"{project} uses {used}, which is not below it.");
    }

    [Theory]
    [InlineData("Google.Protobuf", "Onnx")]
    [InlineData("Microsoft.ML.OnnxRuntime.Managed", "Runtime")]
    [InlineData("SkiaSharp", "Zoo")]
    [InlineData("Polly.Core", "Zoo")]
    [InlineData("ILGPU", "Training")]
    [InlineData("ILGPU.Algorithms", "Training")]
    [InlineData("System.CommandLine", "Cli")]
    [InlineData("Spectre.Console", "Cli")]
    public void A_package_is_known_to_one_floor(string package, string floor)
    {
        var users = Floors.Where(name => Directory.Exists(Path.Combine(TestData.Checkout, "src", name)))
            .Where(name => References(name, "PackageReference").Contains(package));
        Assert.Equal([floor], users);
    }

    [Theory]
    [InlineData("Google.Protobuf", "src/Onnx/Wire/")]
    [InlineData("Microsoft.ML.OnnxRuntime", "src/Runtime/")]
    [InlineData("SkiaSharp", "src/Zoo/Images/ImageFile")]
    [InlineData("ILGPU", "src/Training/Gpu/")]
    public void A_package_is_named_in_one_room(string @namespace, string room)
    {
        var users = Directory.EnumerateFiles(Path.Combine(TestData.Checkout, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(path => File.ReadLines(path).Any(line => line.StartsWith($"using {@namespace}", StringComparison.Ordinal)))
            .Select(path => Path.GetRelativePath(TestData.Checkout, path).Replace('\\', '/'))
            .ToList();
        Assert.NotEmpty(users);
        Assert.All(users, path => Assert.StartsWith(room, path, StringComparison.Ordinal));
    }

    /// <summary>The engine knows nothing of pictures and catalogues; what feeds it and what hands it out may.</summary>
    [Fact]
    public void Only_the_upper_rooms_of_training_use_the_floors_between()
    {
        string[] upper = ["Data", "Engine", "Export", "Tuning", "Checkpoints"];
        var root = Path.Combine(TestData.Checkout, "src", "Training");
        var users = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(path => File.ReadLines(path).Any(line => line.StartsWith("using Anneal.Zoo", StringComparison.Ordinal) || line.StartsWith("using Anneal.Runtime", StringComparison.Ordinal)))
            .Select(path => Path.GetRelativePath(root, path).Split('/', '\\')[0]);
        Assert.Empty(users.Except(upper));
    }

    private static IEnumerable<string> References(string project, string kind) =>
        XDocument.Load(Path.Combine(TestData.Checkout, "src", project, $"{project}.csproj"))
            .Descendants(kind).Select(reference => (string)reference.Attribute("Include")!);
}
