namespace Anneal.Onnx.Tests;

/// <summary>The real models and conformance vectors, wherever they are.</summary>
internal static class RealModels
{
    /// <summary>Every ONNX file of the test data, in ordinal order; a licence that is called LICENSE.onnx is none.</summary>
    public static string[] All() =>
    [
        .. Directory.EnumerateFiles(TestData.Require("onnx-backend"), "*.onnx", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(TestData.Require("models"), "*.onnx"))
            .Where(p => Path.GetFileName(p) != "LICENSE.onnx")
            .Order(StringComparer.Ordinal),
    ];
}
