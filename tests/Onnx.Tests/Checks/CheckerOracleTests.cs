using System.Collections.Concurrent;

namespace Anneal.Onnx.Tests.Checks;

/// <summary>ONNX's own vectors and real models as an oracle: they are right, so nothing may be found wrong in them.</summary>
public sealed class CheckerOracleTests(ITestOutputHelper output)
{
    [Fact]
    public void No_conformance_vector_and_no_real_model_has_an_error()
    {
        var faults = new ConcurrentBag<(string Model, Fault Fault)>();
        Parallel.ForEach(RealModels.All(), path =>
        {
            foreach (var fault in Checker.Check(OnnxFile.Load(path)))
                faults.Add((path, fault));
        });

        foreach (var rule in faults.GroupBy(f => f.Fault.Rule).OrderBy(g => g.Key.Name, StringComparer.Ordinal))
            output.WriteLine($"{rule.Count(),5} {rule.Key.Severity} {rule.Key.Name} in {rule.Select(f => f.Model).Distinct().Count()} models");
        Assert.Empty(faults.Where(f => f.Fault.Severity == FaultSeverity.Error).Select(f => $"{f.Model}: {f.Fault}").Order(StringComparer.Ordinal));
    }
}
