using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Onnx.Tests.Checks;

public sealed class CheckerTests
{
    public static TheoryData<int, string> Rows => [.. BrokenModels.Rows.Select((row, i) => (i, row.Rule))];

    [Theory, MemberData(nameof(Rows))]
    public void A_broken_model_is_reported_with_its_rule_and_its_place(int row, string rule)
    {
        var faults = Checker.Check(OnnxFile.Parse(BrokenModels.Bytes(row)));

        Assert.True(
            faults.Any(fault => fault.Rule.Name == rule && fault.Where.StartsWith(BrokenModels.Rows[row].Where, StringComparison.Ordinal)),
            $"Expected {rule} at {BrokenModels.Rows[row].Where}; found {string.Join("; ", faults)}");
    }

    [Theory, MemberData(nameof(Rows))]
    public void ONNX_Runtime_refuses_a_broken_model_too_where_it_looks(int row, string rule) =>
        Assert.True(BrokenModels.Rows[row].RuntimeRefuses == IsRefusedByRuntime(BrokenModels.Bytes(row)), $"{row} {rule}");

    [Fact]
    public void The_sound_model_has_no_fault_and_ONNX_Runtime_opens_it()
    {
        var bytes = BrokenModels.Sound().ToByteArray();
        Assert.Empty(Checker.Check(OnnxFile.Parse(bytes)));
        Assert.False(IsRefusedByRuntime(bytes));
    }

    [Fact]
    public void Every_rule_has_a_distinct_name_and_a_row_that_breaks_it()
    {
        Assert.Equal(Checker.Rules.Count, Checker.Rules.Select(rule => rule.Name).Distinct().Count());
        // These two need more than one message of a file: external data left unread, and a thousand faults.
        Assert.Equal(["tensor-unread", "more-faults"], Checker.Rules.Select(rule => rule.Name).Except(BrokenModels.Rows.Select(row => row.Rule)));
    }

    [Fact]
    public void Several_faults_are_all_reported_and_required_in_one_message()
    {
        var model = BrokenModels.Sound();
        model.Graph.Node[0].Input[0] = Wire.WireText.Encode("nowhere");
        model.Graph.Node[1].Input.RemoveAt(1);
        model.IrVersion = 99;
        var error = Assert.Throws<InvalidModelException>(() => Checker.Require(OnnxFile.Parse(model.ToByteArray())));
        Assert.Contains("breaks the rules of ONNX 3 times", error.Message, StringComparison.Ordinal);
        foreach (var rule in (string[])["ir-version", "input-undefined", "input-count"])
            Assert.Contains($"({rule})", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_warning_does_not_stop_a_model()
    {
        var model = TestGraphs.ReluAdd();
        model.Graph.MakeInput(model.Graph.Find("w")!);
        Assert.Equal(["initializer-input"], Checker.Check(model).Select(fault => fault.Rule.Name));
        Checker.Require(model);
    }

    [Fact]
    public void External_data_that_was_left_unread_is_a_warning()
    {
        using var folder = new TempFolder();
        OnnxFile.Save(TestGraphs.ReluAdd(), folder["m.onnx"], new() { ExternalData = ExternalDataPolicy.Always, ExternalThresholdBytes = 1 });
        var model = OnnxFile.Load(folder["m.onnx"], new() { ReadExternalData = false });
        Assert.Equal(["tensor-unread"], Checker.Check(model).Select(fault => fault.Rule.Name));
    }

    [Fact]
    public void After_a_thousand_faults_the_rest_is_counted()
    {
        var model = TestGraphs.ReluAdd();
        for (var i = 0; i < 1500; i++)
            model.Graph.AddNode("Relu", [], [$"r{i}"]);
        var faults = Checker.Check(model);
        Assert.Equal(Checker.MostFaults + 1, faults.Count);
        Assert.Equal("more-faults", faults[^1].Rule.Name);
        Assert.Contains("There are 500 more", faults[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ten_thousand_nested_graphs_are_checked_without_the_stack()
    {
        var model = TestGraphs.ReluAdd();
        model.OperatorSets[""] = 26;
        var graph = model.Graph;
        for (var i = 0; i < 10_000; i++)
        {
            var condition = graph.AddNode("Constant", [], [$"c{i}"], NodeAttribute.Of("value", TensorData.Scalar("", true)));
            var node = graph.AddNode("If", [condition.Outputs[0]], [$"y{i}"]);
            graph.AddOutput(node.Outputs[0]!);
            node.AddSubgraph("else_branch").AddOutput(condition.Outputs[0]!);
            graph = node.AddSubgraph("then_branch", $"g{i}");
        }
        graph.AddOutput(graph.AddNode("Relu", [model.Graph.Find("h")], ["last"]).Outputs[0]!);
        Assert.Contains(Checker.Check(model), fault => fault.Message.Contains("nested more than", StringComparison.Ordinal));
    }

    private static bool IsRefusedByRuntime(byte[] model)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, IntraOpNumThreads = 1 };
        try
        {
            using var session = new InferenceSession(model, options);
            return false;
        }
        catch (OnnxRuntimeException)
        {
            return true;
        }
    }
}
