using Anneal.Onnx;
using Anneal.Runtime;

namespace Anneal.Cli.Checkup;

/// <summary>Whether an engine is there, which devices it has, and whether it computes.</summary>
internal static class EngineCheck
{
    public static IEnumerable<Finding> Run(IEngine engine)
    {
        var title = EngineChoice.TitleOf(engine);
        if (Trouble(() => _ = EngineChoice.VersionOf(engine)) is { } missing)
        {
            yield return Finding.Problem(title, missing, isVital: true);
            yield break;
        }
        yield return Finding.Ok(title, $"{EngineChoice.VersionOf(engine)}, --engine {engine.Name}");
        foreach (var device in engine.Devices)
            yield return device.IsAvailable
                ? Finding.Ok($"{engine.Name} on {device.Device}", $"{device.Name}, {device.Provider}")
                : Finding.Absent($"{engine.Name} on {device.Device}", device.Missing!);
        yield return Trouble(() => RunTinyModel(engine)) is { } trouble
            ? Finding.Problem($"a model on {engine.Name}", trouble, isVital: true)
            : Finding.Ok($"a model on {engine.Name}", "runs and computes correctly on the CPU");
    }

    private static void RunTinyModel(IEngine engine)
    {
        var folder = Directory.CreateTempSubdirectory("anneal-doctor-");
        try
        {
            var path = Path.Combine(folder.FullName, "red-or-blue.onnx");
            OnnxFile.Save(RedOrBlue.Build(), path);
            using var session = engine.Open(path, new EngineOptions { Device = Device.Cpu });
            var plane = RedOrBlue.Size * RedOrBlue.Size;
            var red = new float[3 * plane];
            red.AsSpan(0, plane).Fill(1);
            var probabilities = session.Run([NamedTensor.Create("picture", red.AsMemory(), 1, 3, RedOrBlue.Size, RedOrBlue.Size)])[1].As<float>();
            var expected = RedOrBlue.ByHand([1, 0, 0]).Probabilities[0];
            if (!(MathF.Abs(probabilities.Span[0] - expected) < 1e-4f))
                throw new AnnealException($"A red picture is red with probability {expected}; {EngineChoice.TitleOf(engine)} says {probabilities.Span[0]}.");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>What a person should know of an attempt that failed, or null. A check-up reports; it does not fail itself.</summary>
    private static string? Trouble(Action attempt)
    {
        try
        {
            attempt();
            return null;
        }
        catch (Exception error)
        {
            return error is AnnealException ? error.Message : $"{error.GetType().Name}: {error.Message}";
        }
    }
}
