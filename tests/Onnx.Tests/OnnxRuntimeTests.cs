using System.Collections.Concurrent;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Onnx.Tests;

public sealed class OnnxRuntimeTests
{
    // What ONNX Runtime 1.31 runs of the 1,305 models. It refuses the rest itself: operators without a CPU kernel, operator sets before 7
    // or still in preview, and, from .NET, inputs and outputs of float8, float4, int4 and int2.
    private const int LeastRun = 1087;

    private const string Same = "same outputs";
    private const string Random = "random outputs, other ones for the original too";
    private const string CannotRun = "refused by ONNX Runtime, original and copy";

    [Fact]
    public void ONNX_Runtime_gives_the_same_outputs_for_a_model_and_for_its_saved_copy()
    {
        var outcomes = new ConcurrentDictionary<string, string>();
        Parallel.ForEach(RealModels.All(), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, path => outcomes[path] = Compare(path));

        Assert.Empty(outcomes.Where(o => o.Value is not (Same or Random or CannotRun)).Select(o => $"{o.Key}: {o.Value}"));
        Assert.InRange(outcomes.Values.Count(o => o is Same or Random), LeastRun, int.MaxValue);
    }

    private static string Compare(string path)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, IntraOpNumThreads = 1 };
        using var original = Open(File.ReadAllBytes(path), options);
        using var saved = Open(OnnxFile.ToBytes(OnnxFile.Load(path)), options);
        if (original is null || saved is null)
            return original is null && saved is null ? CannotRun : "only one of original and copy is refused";
        var inputs = OrtVectors.Inputs(path, original);
        var expected = Run(original, inputs);
        var found = Run(saved, inputs);
        if (expected is null || found is null)
            return expected is null && found is null ? CannotRun : "only one of original and copy runs";
        // An operator that draws random numbers disagrees with itself too.
        return expected.SequenceEqual(found) ? Same : expected.SequenceEqual(Run(original, inputs)!) ? "other outputs" : Random;
    }

    private static InferenceSession? Open(byte[] model, SessionOptions options)
    {
        try
        {
            return new InferenceSession(model, options);
        }
        catch (OnnxRuntimeException)
        {
            return null;
        }
    }

    private static string[]? Run(InferenceSession session, IReadOnlyList<Func<OrtValue>> inputs)
    {
        try
        {
            return OrtVectors.Run(session, inputs);
        }
        catch (OnnxRuntimeException)
        {
            return null;
        }
    }
}
