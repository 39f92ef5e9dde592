using System.Diagnostics;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace Anneal.House.Tests;

/// <summary>
/// Every script of samples/ compiles without a warning and runs without arguments. <c>dotnet run</c> takes seconds to find out that nothing is to
/// be built; here each script is compiled against what is built already, and run as a program of its own.
/// </summary>
public sealed class SampleTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly TempFolder _folder = new();

    /// <summary>The scripts that need no argument, and a line that only a run to the end prints.</summary>
    public static TheoryData<string, string> Scripts => new()
    {
        { "batch-csv.cs", "file,label,probability" },
        { "compare-runtimes.cs", "The same answers." },
        { "custom.cs", "█" },
        { "dynamic.cs", "% yes" },
        { "finetune.cs", "Loaded again, it knows circle, square, triangle, cross." },
        { "lecture8.cs", "All five agree" },
        { "scratch.cs", "What was named what" },
        { "transfer.cs", "the network itself never ran again" },
    };

    /// <summary>The scripts that say how they are used when they are given nothing.</summary>
    private static readonly string[] WithArguments = ["classify.cs", "tensors.cs"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_script_is_run()
    {
        var there = Directory.EnumerateFiles(Samples, "*.cs").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);
        Assert.Equal(Scripts.Select(row => row.Data.Item1).Concat(WithArguments).Order(StringComparer.Ordinal), there);
    }

    [Theory, MemberData(nameof(Scripts))]
    public async Task A_script_runs_to_its_end(string script, string said)
    {
        var program = Compile(script);
        Assert.SkipWhen(script is "finetune.cs" or "transfer.cs" && !Zoo.ModelCatalog.Default.TryGet("digits", out _), "The catalogue has no network that reads digits.");
        var run = await RunAsync(program);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(said, run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("classify.cs")]
    [InlineData("tensors.cs")]
    public async Task A_script_that_needs_arguments_says_which(string script)
    {
        var run = await RunAsync(Compile(script));
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"usage: dotnet run samples/{script} -- ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_script_asks_for_no_package_but_the_runtime_and_says_how_it_is_run() => Assert.All(Directory.EnumerateFiles(Samples, "*.cs"), path =>
    {
        var lines = File.ReadAllLines(path);
        Assert.Equal("#!/usr/bin/env dotnet", lines[0]);
        Assert.All(lines.Where(line => line.StartsWith("#:", StringComparison.Ordinal)), line => Assert.Matches("^#:(project ../src/[A-Za-z]+/[A-Za-z]+.csproj|package Microsoft.ML.OnnxRuntime)$", line));
        Assert.Contains(lines, line => line.StartsWith("//", StringComparison.Ordinal) && line.Contains($"dotnet run samples/{Path.GetFileName(path)}", StringComparison.Ordinal));
    });

    private static string Samples => Path.Combine(TestData.Checkout, "samples");

    /// <summary>Compiles as <c>dotnet run</c> would: with the usual usings, and lines that begin with <c>#:</c> read by nobody.</summary>
    private string Compile(string script)
    {
        var options = CSharpParseOptions.Default.WithFeatures([new("FileBasedProgram", "true")]);
        var source = CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(Samples, script)), options, script, Encoding.UTF8, TestContext.Current.CancellationToken);
        var usings = CSharpSyntaxTree.ParseText(
            string.Concat(new[] { "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks" }.Select(name => $"global using {name};")),
            options, cancellationToken: TestContext.Current.CancellationToken);
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            Path.GetFileNameWithoutExtension(script), [source, usings], references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable, optimizationLevel: OptimizationLevel.Release));
        var path = _folder[Path.ChangeExtension(script, ".dll")];
        EmitResult result;
        using (var file = File.Create(path))
            result = compilation.Emit(file, cancellationToken: TestContext.Current.CancellationToken);
        // CS8019: a using that is not needed is what implicit usings make of some.
        Assert.Empty(result.Diagnostics.Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning && diagnostic.Id != "CS8019"));
        return path;
    }

    /// <summary>Runs a program with the libraries that this test has, in an empty zoo and without a network.</summary>
    private async Task<(int ExitCode, string Out, string Error)> RunAsync(string program)
    {
        var own = Path.Combine(AppContext.BaseDirectory, typeof(SampleTests).Assembly.GetName().Name!);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8, WorkingDirectory = _folder.Path };
        foreach (var argument in new[] { "exec", "--runtimeconfig", own + ".runtimeconfig.json", "--depsfile", own + ".deps.json", "--additionalprobingpath", AppContext.BaseDirectory, program })
            start.ArgumentList.Add(argument);
        (start.Environment["ANNEAL_HOME"], start.Environment["ANNEAL_OFFLINE"], start.Environment["TMPDIR"]) = (_folder["home"], "1", _folder.Path);
        using var process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
