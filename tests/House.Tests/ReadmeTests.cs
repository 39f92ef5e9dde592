using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Anneal.House.Tests;

/// <summary>The README is a test: its programs compile, and what it promises is what the automation runs.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(TestData.Checkout, "README.md"));

    /// <summary>What a program has in scope; the last two hold names that could collide with ours.</summary>
    private const string Scope = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading.Tasks;
        global using Microsoft.ML.OnnxRuntime;
        global using System.Numerics.Tensors;
        """;

    public static TheoryData<string> Programs => [.. CSharpBlock().Matches(Readme).Select(match => match.Groups[1].Value)];

    [Fact]
    public void There_are_programs_to_compile() => Assert.True(Programs.Count >= 3);

    [Theory, MemberData(nameof(Programs))]
    public void A_program_compiles_even_beside_the_names_of_its_dependencies(string program)
    {
        var compilation = CSharpCompilation.Create(
            "Readme",
            [Parse(Scope), Parse(program)],
            References(),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        Assert.Empty(compilation.GetDiagnostics(TestContext.Current.CancellationToken).Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning && diagnostic.Id != "CS8019"));
    }

    [Fact]
    public void The_automation_runs_the_commands_that_a_stranger_runs_first()
    {
        var automation = File.ReadAllText(Path.Combine(TestData.Checkout, ".ci", "run"));
        var commands = ShellBlock().Match(Readme).Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, commands.Length);
        Assert.All(commands, command => Assert.Contains(command, automation, StringComparison.Ordinal));
    }

    private static SyntaxTree Parse(string source) => CSharpSyntaxTree.ParseText(source, cancellationToken: TestContext.Current.CancellationToken);

    private static IEnumerable<MetadataReference> References() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlock();
}
