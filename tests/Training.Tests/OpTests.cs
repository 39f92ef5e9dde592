using Anneal.Onnx;
using Anneal.Training.Ops;

namespace Anneal.Training.Tests;

/// <summary>The checks of the matrix, each on every row of <see cref="OpCases"/>.</summary>
public sealed class OpTests
{
    public static TheoryData<string> Rows => [.. OpCases.All().Select(row => row.Name)];

    [Theory, MemberData(nameof(Rows))]
    public void The_values_are_those_of_ONNX_Runtime(string name)
    {
        var row = Find(name);
        using var scope = Grad.Off();
        var inputs = row.Make(twice: false);
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
        var covered = OpCases.All().Select(row => row.Op.Name).ToHashSet();
        Assert.Empty(KernelTable.All.Where(kernel => kernel.Domain.Length == 0).Select(kernel => kernel.Name).Except(covered));
    }

    private static OpCase Find(string name) => OpCases.All().Single(row => row.Name == name);

    private static Tensor?[] Leaves(OpCase row)
    {
        var inputs = row.Make(twice: true);
        foreach (var input in inputs)
            if (input is not null && input.DType.IsFloat())
                input.RequiresGrad = true;
        return inputs;
    }
}
