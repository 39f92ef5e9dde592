using System.Collections.Concurrent;
using System.Globalization;
using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes;
using Anneal.Onnx.Tests.Ops;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Onnx.Tests.Passes;

/// <summary>
/// Random graphs are written, saved, loaded, inferred and rewritten by every pass, and compute in ONNX Runtime what they computed before. A seed that
/// fails is made smaller and printed. <c>ANNEAL_RANDOM_GRAPHS</c> asks for more graphs, <c>ANNEAL_RANDOM_GRAPHS_FROM</c> for others.
/// </summary>
public sealed class RandomGraphTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-4;
    private const int MostShown = 10;
    private const int LeastOperators = 90;

    private static readonly int Count = Setting("ANNEAL_RANDOM_GRAPHS", 150);
    private static readonly int From = Setting("ANNEAL_RANDOM_GRAPHS_FROM", 1);

    [Fact]
    public void Random_graphs_compute_after_every_pass_what_they_computed_before()
    {
        var faults = new ConcurrentBag<(int Seed, string Fault)>();
        var changes = new ConcurrentDictionary<string, int>();
        Parallel.For(From, From + Count, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestContext.Current.CancellationToken }, seed =>
        {
            if (FindFault(seed, StepsOf(seed), changes) is { } fault)
                faults.Add((seed, fault));
        });

        foreach (var (pass, count) in changes.OrderBy(change => change.Key, StringComparer.Ordinal))
            output.WriteLine($"{pass}: {count} of {Count} graphs");
        foreach (var (seed, _) in faults.OrderBy(fault => fault.Seed).Take(MostShown))
            output.WriteLine(Shrunk(seed));
        Assert.Empty(faults.OrderBy(fault => fault.Seed).Select(fault => $"seed {fault.Seed}: {fault.Fault}"));
    }

    [Fact]
    public void Random_graphs_are_made_of_many_operators()
    {
        var operators = Enumerable.Range(1, 150).SelectMany(seed => RandomGraph.Make(seed, StepsOf(seed), OpsetOf(seed)).Model.AllGraphs())
            .SelectMany(graph => graph.Nodes).Select(node => node.OpType).ToHashSet();

        output.WriteLine($"{operators.Count} operators: {string.Join(' ', operators.Order(StringComparer.Ordinal))}");
        Assert.InRange(operators.Count, LeastOperators, int.MaxValue);
    }

    private static int Setting(string name, int byDefault) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : byDefault;

    private static int StepsOf(int seed) => 3 + (seed % 14);

    /// <summary>Mostly the newest operator set, which all records mean; older ones too, which passes may leave alone.</summary>
    private static long OpsetOf(int seed) => (seed % 8) switch { 0 => 18, 1 => 21, _ => 25 };

    private static string? FindFault(int seed, int steps, ConcurrentDictionary<string, int> changes)
    {
        try
        {
            var graph = RandomGraph.Make(seed, steps, OpsetOf(seed));
            var loaded = OnnxFile.Parse(OnnxFile.ToBytes(graph.Model));
            if (WrongFact(graph, loaded) is { } fault)
                return fault;
            if (seed % 3 == 0)
                ForgetTypes(loaded);
            return WrongPass(graph, loaded, changes);
        }
        catch (Exception e) when (e is AnnealException or OnnxRuntimeException)
        {
            return e.ToString();
        }
    }

    /// <summary>Most files say nothing of inner values.</summary>
    private static void ForgetTypes(Model model)
    {
        foreach (var value in model.AllGraphs().SelectMany(graph => graph.Nodes).SelectMany(node => node.Outputs).OfType<Value>().Where(value => !value.IsOutput))
            value.Type = null;
    }

    /// <summary>Every inner value as an output, compared with what is inferred of it.</summary>
    private static string? WrongFact(RandomGraph graph, Model loaded)
    {
        var (open, facts) = (loaded.Copy(), GraphFacts.Infer(loaded.Graph, trustDeclared: false));
        foreach (var value in open.Graph.Nodes.SelectMany(node => node.Outputs).OfType<Value>().Where(value => value is { IsOutput: false, Type: not null }).ToArray())
            open.Graph.AddOutput(value);
        var symbols = new Dictionary<string, long> { ["N"] = graph.RealBatch };
        foreach (var real in OrtRun.Run(open, graph.Inputs))
        {
            var value = loaded.Graph.Find(real.Name)!;
            if (!facts[value].IsTrueOf(real, symbols))
                return $"'{value.Name}' was inferred as {facts[value]} and is {real}";
            if (!new Fact { Type = value.Type }.IsTrueOf(real, symbols))
                return $"'{value.Name}' is declared as {value.Type} and is {real}";
        }
        return null;
    }

    private static string? WrongPass(RandomGraph graph, Model model, ConcurrentDictionary<string, int> changes)
    {
        var expected = OrtRun.Run(model, graph.Inputs);
        foreach (var pass in AllPasses.Make())
            if (Difference(graph, model, pass.Name, expected, copy => Run(pass, copy, changes)) is { } fault)
                return fault;
        // One that may refuse would end them all.
        var together = AllPasses.Make().DistinctBy(pass => pass.Name).Where(pass => !MayRefuse(pass));
        return Difference(graph, model, "all passes", expected, copy => new Optimizer(together).Run(copy));
    }

    /// <summary>A batch is freed only where every node is proven to treat each picture alone; otherwise the pass says why not.</summary>
    private static bool MayRefuse(IPass pass) => pass is FreeBatch;

    private static void Run(IPass pass, Model model, ConcurrentDictionary<string, int> changes)
    {
        try
        {
            if (!pass.Run(model))
                return;
        }
        catch (AnnealException e) when (MayRefuse(pass) && e.Message.Contains("cannot be freed", StringComparison.Ordinal))
        {
            changes.AddOrUpdate($"{pass.Name} (refused)", 1, (_, count) => count + 1);
            return;
        }
        changes.AddOrUpdate(pass.Name, 1, (_, count) => count + 1);
        if (pass.Run(model))
            throw new AnnealException($"{pass.Name} changes its own result.");
    }

    private static string? Difference(RandomGraph graph, Model model, string name, IReadOnlyList<TensorData> expected, Action<Model> rewrite)
    {
        var copy = model.Copy();
        var before = OnnxFile.ToBytes(copy);
        try
        {
            rewrite(copy);
            if (OnnxFile.ToBytes(copy).AsSpan().SequenceEqual(before))
                return null;
            Checker.Require(copy);
            var found = OrtRun.Run(copy, graph.Inputs);
            var fault = expected.Zip(found, Difference).FirstOrDefault(difference => difference is not null);
            return fault is null ? null : $"{name}: {fault}{Environment.NewLine}{GraphText.Print(copy.Graph)}";
        }
        catch (Exception e) when (e is AnnealException or OnnxRuntimeException)
        {
            return $"{name}: {e}{Environment.NewLine}{GraphText.Print(copy.Graph)}";
        }
    }

    private static string? Difference(TensorData expected, TensorData found)
    {
        if ($"{expected}" != $"{found}")
            return $"{expected} became {found}";
        if (!expected.DType.IsFloat())
            return expected.Bytes.Span.SequenceEqual(found.Bytes.Span) ? null : $"{expected} has other elements";
        var (a, b) = (expected.ToFloats(), found.ToFloats());
        var largest = a.Select(Math.Abs).DefaultIfEmpty().Max();
        if (!float.IsFinite(largest))
            return $"{expected}: the largest number is {largest}";
        var difference = a.Zip(b, (x, y) => Math.Abs((double)x - y)).DefaultIfEmpty().Max();
        return difference <= Tolerance * largest ? null : $"{expected} differs by {difference:g3} where the largest number is {largest:g3}";
    }

    /// <summary>The smallest graph of a seed that fails, and how.</summary>
    private static string Shrunk(int seed)
    {
        var ignored = new ConcurrentDictionary<string, int>();
        for (var steps = 1; ; steps++)
            if (FindFault(seed, steps, ignored) is { } fault)
            {
                var text = $"seed {seed} with {steps} steps: {fault}";
                try
                {
                    return $"{text}{Environment.NewLine}before:{Environment.NewLine}{GraphText.Print(RandomGraph.Make(seed, steps, OpsetOf(seed)).Model.Graph, types: true)}";
                }
                catch (AnnealException)
                {
                    return text;
                }
            }
            else if (steps >= StepsOf(seed))
                return $"seed {seed}: it does not fail again";
    }
}
