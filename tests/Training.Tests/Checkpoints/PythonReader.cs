using System.Diagnostics;
using System.Text.Json;

namespace Anneal.Training.Tests.Checkpoints;

/// <summary>What Python makes of a safetensors file: eng/read-safetensors.py, which shares nothing with this library.</summary>
internal static class PythonReader
{
    public static JsonElement Read(string path)
    {
        using var process = Start(path);
        var output = process.StandardOutput.ReadToEnd();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
        using var document = JsonDocument.Parse(output);
        return document.RootElement.Clone();
    }

    private static Process Start(string path)
    {
        var script = Path.Combine(TestData.Checkout, "eng", "read-safetensors.py");
        try
        {
            return Process.Start(new ProcessStartInfo("python3", [script, path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("There is no python3 on this machine.");
            throw;
        }
    }
}
