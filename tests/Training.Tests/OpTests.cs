using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes;
using Anneal.Training.Graphs;
using Anneal.Training.Ops;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Training.Tests;

/// <summary>The checks of the matrix, each on every row of <see cref="OpCases"/>.</summary>
public sealed class OpTests
{
    private static readonly Dictionary<string, OpCase> ByName = OpCases.All().ToDictionary(row => row.Name);

    public static TheoryData<string> Rows => [.. ByName.Keys];

    [Theory, MemberData(nameof(Rows))]
    public void The_values_are_those_of_ONNX_Runtime(string name)
    {
        var row = Find(name);
        using var scope = Grad.Off();
        var inputs = row.Make(twice: false);
        if (row.NotInRuntime)
        {
            Assert.ThrowsAny<OnnxRuntimeException>(() => OneOpModel.Run(row, inputs));
            return;
        }
        var expected = OneOpModel.Run(row, inputs);
        var found = Tensor.ApplyAll(row.Op, row.Outputs, inputs);
        Assert.Equal(expected.Count, found.Length);
        for (var i = 0; i < found.Length; i++)
        {
            Assert.Equal((expected[i].DType, expected[i].Type.Shape!.ToString()), (found[i].DType, found[i].Shape.ToString()));
            Assert.InRange(Compare.Relative(Tensor.From(expected[i]), found[i]), 0, row.Tolerance);
        }
    }

    [Theory, MemberData(nameof(Rows))]
    public void A_file_of_the_operator_computes_the_same_when_it_is_read_back(string name)
    {
        var row = Find(name);
        using var scope = Grad.Off();
        var inputs = row.Make(twice: false);
        var written = OneOpModel.Build(row, inputs);
        if (row.NotInRuntime)
            written.OperatorSets[""] = OpTable.Version;
        var model = UpgradeOpset.Upgraded(OnnxFile.Parse(OnnxFile.ToBytes(written)));
        new InferShapes().Run(model);
        var expected = Tensor.ApplyAll(row.Op, row.Outputs, inputs);
        var found = new GraphRunner(model.Graph).Run([.. inputs.Where(input => input is not null).Select(input => input!)]);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal((expected[i].DType, expected[i].Shape), (found[i].DType, found[i].Shape));
            Assert.Equal(expected[i].ToTensorData().Bytes.ToArray(), found[i].ToTensorData().Bytes.ToArray());
            AssertFits(model.Graph.Outputs[i].Type as TensorType, found[i]);
        }
    }

    [Theory, MemberData(nameof(Rows))]
    public void Float32_is_double_rounded(string name)
    {
        var row = Find(name);
        using var scope = Grad.Off();
        var single = Tensor.ApplyAll(row.Op, row.Outputs, row.Make(twice: false));
        var twice = Tensor.ApplyAll(row.Op, row.Outputs, row.Make(twice: true));
        for (var i = 0; i < single.Length; i++)
            Assert.InRange(Compare.Relative(twice[i], single[i]), 0, row.Tolerance);
    }

    [Theory, MemberData(nameof(Rows))]
    public void The_gradient_is_that_of_a_difference_quotient(string name)
    {
        var row = Find(name);
        if (row.Refusal is { } refusal)
        {
            Assert.Contains(refusal, Assert.Throws<AnnealException>(() => Tensor.ApplyAll(row.Op, row.Outputs, Leaves(row))).Message, StringComparison.Ordinal);
            return;
        }
        if (row.NoGradient is not null)
        {
            Assert.DoesNotContain(Tensor.ApplyAll(row.Op, row.Outputs, Leaves(row)), output => output.RequiresGrad && !output.DType.IsFloat());
            return;
        }
        Assert.InRange(GradientCheck.Error(row), 0, 1e-6);
    }

    [Fact]
    public void Every_kernel_of_an_operator_of_ONNX_has_a_row()
    {
        var covered = ByName.Values.Select(row => row.Op.Name).ToHashSet();
        Assert.Empty(KernelTable.All.Where(kernel => kernel.Domain.Length == 0).Select(kernel => kernel.Name).Except(covered));
    }

    [Fact]
    public void Every_operator_of_ONNX_that_this_library_knows_can_be_computed()
    {
        // Those with graphs inside are run by the runner of graphs; Scatter was withdrawn, and upgrading a model replaces it.
        string[] others = ["If", "Loop", "Scan", "Scatter"];
        Assert.Equal(others, OpTable.All.Select(entry => entry.Name).Except(KernelTable.All.Select(kernel => kernel.Name)).Order(StringComparer.Ordinal));
    }

    /// <summary>What is inferred without running may leave extents open, but never says another thing.</summary>
    private static void AssertFits(TensorType? inferred, Tensor real)
    {
        Assert.Equal(real.DType, inferred?.ElementType);
        if (inferred!.Shape is { } shape)
            Assert.Equal(real.Shape.Select(extent => (long)extent), shape.Select((dim, i) => dim.IsKnown ? dim.Value : real.Shape[i]));
    }

    private static OpCase Find(string name) => ByName[name];

    private static Tensor?[] Leaves(OpCase row)
    {
        var inputs = row.Make(twice: true);
        foreach (var input in inputs)
            if (input is not null && input.DType.IsFloat())
                input.RequiresGrad = true;
        return inputs;
    }
}
