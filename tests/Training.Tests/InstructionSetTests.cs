using System.Diagnostics;

namespace Anneal.Training.Tests;

/// <summary>The kernels on lesser processors: this very program, started again with instruction sets switched off.</summary>
public sealed class InstructionSetTests
{
    [Theory]
    [InlineData("DOTNET_EnableAVX512")]
    [InlineData("DOTNET_EnableAVX2")]
    [InlineData("DOTNET_EnableHWIntrinsic")]
    public async Task The_kernels_are_right_without_an_instruction_set(string variable)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (var argument in new[] { "-noLogo", "-noColor", "-method", "*.OpTests.Float32_is_double_rounded", "-method", "*.KernelShapesTests.*" })
            start.ArgumentList.Add(argument);
        start.Environment[variable] = "0";
        using var child = Process.Start(start)!;
        var output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 0, output);
        Assert.Contains("Failed: 0", output, StringComparison.Ordinal);
    }
}
