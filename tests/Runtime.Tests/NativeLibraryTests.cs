using System.Diagnostics;
using Anneal.Onnx;

namespace Anneal.Runtime.Tests;

/// <summary>
/// What depends on the process: whether a native library lies beside the application, and what reaches its standard error. Each test
/// starts itself once more in a child process; the child does what is tested.
/// </summary>
public sealed class NativeLibraryTests
{
    private const string InChild = "ANNEAL_TEST_IN_CHILD";

    [Fact]
    public void Without_a_native_package_the_first_call_names_the_package_to_add()
    {
        if (IsChild)
        {
            RefuseForLackOfANativeLibrary();
            return;
        }
        using var folder = new TempFolder();
        CopyProgramWithoutNativeLibraries(folder.Path);

        var (exitCode, output, _) = RunAgain(folder.Path, nameof(Without_a_native_package_the_first_call_names_the_package_to_add));

        Assert.True(exitCode == 0 && output.Contains("Total: 1", StringComparison.Ordinal), output);
    }

    [Fact]
    public void Nothing_that_goes_wrong_writes_to_standard_error()
    {
        if (IsChild)
        {
            GoWrongInEveryWay();
            return;
        }

        var (exitCode, output, error) = RunAgain(AppContext.BaseDirectory, nameof(Nothing_that_goes_wrong_writes_to_standard_error));

        Assert.True(exitCode == 0 && output.Contains("Total: 1", StringComparison.Ordinal), output);
        Assert.Equal("", error);
    }

    private static bool IsChild => Environment.GetEnvironmentVariable(InChild) == "1";

    private static void RefuseForLackOfANativeLibrary()
    {
        foreach (var call in new Action[] { () => _ = new OrtEngine().Devices, () => Open(Relu()), () => Open(Relu()) })
        {
            var error = Assert.Throws<AnnealException>(call);
            Assert.Contains("native library was not found", error.Message, StringComparison.Ordinal);
            Assert.Contains("Microsoft.ML.OnnxRuntime for the CPU, or Microsoft.ML.OnnxRuntime.Gpu for CUDA", error.Message, StringComparison.Ordinal);
        }
    }

    private static void GoWrongInEveryWay()
    {
        Assert.NotEmpty(new OrtEngine().Devices);
        Assert.ThrowsAny<AnnealException>(() => Open(new TinyModel(opset: 99)));
        Assert.ThrowsAny<AnnealException>(() => Open(Relu().Node("Frobnicate", ["x"], ["z"])));
        Assert.ThrowsAny<AnnealException>(() => new OrtEngine().Open(ModelSource.FromBytes(Relu().ToBytes()), new() { Device = Device.Cuda(99) }));
        using var session = Open(new TinyModel().Input("x", DType.Float32, "N").Input("w", DType.Float32, "M").Output("y", DType.Float32, "K").Node("Add", ["x", "w"], ["y"]));
        Assert.ThrowsAny<AnnealException>(() => session.Run([NamedTensor.Allocate("x", DType.Float32, 2), NamedTensor.Allocate("w", DType.Float32, 3)]));
    }

    private static TinyModel Relu() => new TinyModel().Input("x", DType.Float32, 2).Output("y", DType.Float32, 2).Node("Relu", ["x"], ["y"]);

    private static IModelSession Open(TinyModel model) => new OrtEngine().Open(ModelSource.FromBytes(model.ToBytes()), new() { Device = Device.Cpu });

    // Native files lie in subfolders. Without the list of dependencies the host takes every assembly beside the program and looks for
    // native files nowhere else.
    private static void CopyProgramWithoutNativeLibraries(string target)
    {
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory).Where(file => !file.EndsWith(".deps.json", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        Assert.DoesNotContain(Directory.EnumerateFiles(target), file => Path.GetFileName(file).StartsWith("libonnxruntime", StringComparison.Ordinal));
    }

    private static (int ExitCode, string Output, string Error) RunAgain(string folder, string test)
    {
        var program = Path.Combine(folder, typeof(NativeLibraryTests).Assembly.GetName().Name + ".dll");
        var start = new ProcessStartInfo("dotnet", ["exec", program, "-method", $"*.{test}", "-noColor"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        start.Environment[InChild] = "1";
        using var child = Process.Start(start)!;
        var error = child.StandardError.ReadToEndAsync();
        var output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return (child.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
