using System.Collections.Concurrent;
using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes;
using Anneal.Onnx.Passes.Upgrading;

namespace Anneal.Onnx.Tests.Passes;

public sealed class UpgradeOpsetTests(ITestOutputHelper output)
{
    // How many vectors ONNX Runtime computes rightly once they are upgraded. It only grows.
    private const int LeastRight = 1014;

    private static readonly string[] Suites = ["node", "simple", "pytorch-converted", "pytorch-operator"];

    [Fact]
    public void Every_version_after_6_of_every_operator_is_listed()
    {
        var listed = UpgradeTable.All.Select(row => (row.Operator, row.Change.Version)).ToHashSet();
        var changes = OpTable.All.Where(entry => entry.Domain.Length == 0)
            .SelectMany(entry => entry.Since.Skip(1).Where(since => since > UpgradeOpset.OldestVersion).Select(since => (Operator: entry.Name, Version: since)));

        Assert.Empty(changes.Where(change => !listed.Contains(change)).Select(change => $"{change.Operator} {change.Version}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_version_is_listed_that_no_operator_has()
    {
        var unknown = UpgradeTable.All.Where(row => !row.Change.Withdraws && OpTable.Find("", row.Operator)?.Since.Contains(row.Change.Version) != true);

        Assert.Empty(unknown.Select(row => $"{row.Operator} {row.Change.Version}"));
    }

    [Fact]
    public void Vectors_compute_what_is_stored_once_they_are_upgraded()
    {
        var outcomes = new ConcurrentBag<(string Outcome, string Detail)>();
        var folders = Suites.SelectMany(suite => Directory.GetDirectories(TestData.Require("onnx-backend", suite)));
        Parallel.ForEach(folders, new ParallelOptions { MaxDegreeOfParallelism = 2 }, folder => outcomes.Add(UpgradeVectors.Try(folder)));

        output.WriteLine($"ONNX Runtime runs operator sets up to {UpgradeVectors.NewestOrtVersion}.");
        foreach (var group in outcomes.GroupBy(o => o.Outcome).OrderByDescending(g => g.Count()))
            output.WriteLine($"{group.Count(),5} {group.Key}");
        foreach (var detail in outcomes.Where(o => o.Outcome is UpgradeVectors.Refused or UpgradeVectors.Neither).Select(o => o.Detail).Order(StringComparer.Ordinal))
            output.WriteLine($"      {detail.ReplaceLineEndings(" ")[..Math.Min(detail.Length, 200)]}");
        Assert.Empty(outcomes.Where(o => o.Outcome == UpgradeVectors.Wrong).Select(o => o.Detail).Order(StringComparer.Ordinal));
        Assert.InRange(outcomes.Count(o => o.Outcome == UpgradeVectors.Right), LeastRight, int.MaxValue);
    }

    [Theory]
    [MemberData(nameof(UpgradeCases.Rewritten), MemberType = typeof(UpgradeCases))]
    public void A_node_is_rewritten(string name, int from, int to, string before, string after)
    {
        var model = GraphText.Model(before, from);

        Assert.True(new UpgradeOpset(to).Run(model), name);

        Assert.Equal(after.ReplaceLineEndings("\n").Trim(), GraphText.Print(model.Graph));
        Assert.Equal(to, model.OperatorSets[""]);
        Assert.False(new UpgradeOpset(to).Run(model));
    }

    [Theory]
    [MemberData(nameof(UpgradeCases.Refused), MemberType = typeof(UpgradeCases))]
    public void What_has_no_exact_counterpart_is_refused(int from, string before, string message)
    {
        var model = GraphText.Model(before, from);

        var refusal = Assert.ThrowsAny<AnnealException>(() => new UpgradeOpset().Run(model));

        Assert.StartsWith(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_current_model_is_given_back_and_an_older_one_copied()
    {
        const string text = """
            x: Float32[2,3]
            y = Softmax(x)
            -> y: Float32[2,3]
            """;
        var (current, older) = (GraphText.Model(text, OpTable.Version), GraphText.Model(text, 7));

        Assert.Same(current, UpgradeOpset.Upgraded(current));
        var upgraded = UpgradeOpset.Upgraded(older);

        Assert.Equal(7, older.OperatorSets[""]);
        Assert.Null(older.Graph.Nodes[0].Attribute("axis"));
        Assert.Equal(OpTable.Version, upgraded.OperatorSets[""]);
        Assert.Equal(1, upgraded.Graph.Nodes[0].Attribute("axis")!.AsInt());
        Assert.Equal(IrVersions.Of(OpTable.Version), upgraded.IrVersion);
    }

    [Fact]
    public void A_function_is_upgraded_from_the_set_that_it_imports()
    {
        var body = GraphText.Parse("""
            x: Float32[4]
            y = Slice(x) ends=[3]
            -> y
            """);
        body.Nodes[0].SetAttribute(NodeAttribute.Reference("starts", AttributeKind.Ints, "first"));
        var model = GraphText.Model("""
            x: Float32[4]
            y = my.Middle(x)
            -> y: Float32[2]
            """, 21);
        var function = new Function("my", "Middle", body) { OperatorSets = { [""] = 9 } };
        model.Functions.Add(function);

        new UpgradeOpset().Run(model);

        GraphText.Equal("""
            x: Float32[4]
            y_starts = Constant() value_ints=@first
            y_ends = Constant() value=Int64[1]{3}
            y = Slice(x, y_starts, y_ends)
            -> y
            """, body);
        Assert.Equal(OpTable.Version, function.OperatorSets[""]);
    }

    [Theory]
    [InlineData(6, 4)]
    [InlineData(9, 4)]
    [InlineData(10, 5)]
    [InlineData(14, 7)]
    [InlineData(15, 8)]
    [InlineData(22, 10)]
    [InlineData(24, 12)]
    [InlineData(27, 13)]
    public void Each_operator_set_has_its_IR_version(int operatorSet, long expected) => Assert.Equal(expected, IrVersions.Of(operatorSet));
}
