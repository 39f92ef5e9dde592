using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes;
using Anneal.Onnx.Passes.Upgrading;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Onnx.Tests.Passes;

/// <summary>ONNX's conformance vectors, upgraded as far as ONNX Runtime goes, run there and held to the outputs that lie beside them.</summary>
internal static class UpgradeVectors
{
    public const string Right = "right";
    public const string Wrong = "wrong";
    public const string OnlyOriginalRuns = "ONNX Runtime lacks the newer version";
    public const string Refused = "not upgraded";
    public const string Neither = "ONNX Runtime fails in either form";

    // ONNX Runtime has no kernel for Swish and writes it out only where the model is of the operator set that introduced it.
    private static readonly string[] OnlyOriginal = ["test_swish"];

    /// <summary>The newest operator set that ONNX Runtime runs.</summary>
    public static int NewestOrtVersion { get; } = Enumerable.Range(UpgradeOpset.OldestVersion, OpTable.Version - UpgradeOpset.OldestVersion + 1).Last(IsRun);

    /// <summary>What became of a vector, and for a wrong one why.</summary>
    public static (string Outcome, string Detail) Try(string folder)
    {
        var path = Path.Combine(folder, "model.onnx");
        var original = OnnxFile.Load(path);
        if (original.Graph.Inputs.Concat(original.Graph.Outputs).Any(value => value.Type is not TensorType { ElementType: not DType.String }))
            return ("no tensors of numbers", folder);
        if ((original.OperatorSets[""] ?? 0) >= NewestOrtVersion)
            return ("as new as ONNX Runtime", folder);
        var upgraded = original.Copy();
        try
        {
            new UpgradeOpset(NewestOrtVersion).Run(upgraded);
        }
        catch (AnnealException refusal)
        {
            return (Refused, $"{Path.GetFileName(folder)}: {refusal.Message}");
        }
        return Judge(Faults(upgraded, path), () => Faults(original, path), Path.GetFileName(folder));
    }

    private static (string Outcome, string Detail) Judge(string? upgraded, Func<string?> original, string name) => upgraded is null
        ? (Right, name)
        : original() is { } before ? (Neither, $"{name}: {upgraded} | {before}") : (OnlyOriginal.Contains(name) ? OnlyOriginalRuns : Wrong, $"{name}: {upgraded}");

    private static string? Faults(Model model, string path)
    {
        try
        {
            var found = OrtOutputs.Run(model, path);
            var expected = OrtOutputs.Stored(Path.GetDirectoryName(path)!);
            return found.Length != expected.Length
                ? $"{found.Length} outputs, {expected.Length} stored"
                : expected.Zip(found, (a, b) => OrtOutputs.Difference(a, b, a.DType.IsFloat() ? 1e-3 : 0, a.DType.IsFloat() ? 1e-7 : 0)).FirstOrDefault(difference => difference is not null);
        }
        catch (OnnxRuntimeException refusal)
        {
            return refusal.Message;
        }
    }

    private static bool IsRun(int version)
    {
        var model = GraphText.Model("""
            x: Float32[1]
            y = Identity(x)
            -> y: Float32[1]
            """, version);
        model.IrVersion = IrVersions.Of(version);
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using var session = new InferenceSession(OnnxFile.ToBytes(model), options);
            return true;
        }
        catch (OnnxRuntimeException)
        {
            return false;
        }
    }
}
