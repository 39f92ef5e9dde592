using Anneal.Onnx;
using Anneal.Onnx.Ops;
using static Anneal.Training.Tests.Input;

namespace Anneal.Training.Tests;

/// <summary>Inputs that an operator cannot take are refused in words that say what was wrong.</summary>
public sealed class RefusalTests
{
    private static readonly (string Says, OpCase Row)[] Cases =
    [
        ("GatherElements: index 3 is outside -3 to 2", new("GatherElements", new GatherElements(), Fixed([3, 2]), Given([0L, 3], 1, 2))),
        ("reach beyond [3,2] along axis 1", new("GatherElements beside", new GatherElements(), Fixed([3, 2]), Given([0L, 1, 2], 1, 3))),
        ("GatherND: index -4 is outside -3 to 2", new("GatherND", new GatherND(), Fixed([3, 2]), Given([-4L], 1, 1))),
        ("ScatterElements: index 2 is outside", new("ScatterElements", new ScatterElements(), Fixed([2, 2]), Given([2L], 1, 1), Fixed([1, 1]))),
        ("ScatterND: the updates should be [2,3]", new("ScatterND", new ScatterND(), Fixed([2, 3]), Given([0L, 1], 2, 1), Fixed([2, 4]))),
        ("the updates should be [1,3]", new("ScatterElements of another shape", new ScatterElements(), Fixed([2, 3]), Given([1L, 0, 1], 1, 3), Fixed([3, 1]))),
        ("RoiAlign: a region names picture 2, and there are 2", new("RoiAlign elsewhere", new RoiAlign(), Fixed([2, 1, 4, 4]), Fixed([1, 4]), Ints(2))),
        ("MaxRoiPool: a region names picture -1", new("MaxRoiPool elsewhere", new MaxRoiPool { PooledShape = [1, 1] }, Fixed([2, 1, 4, 4]), Given([-1f, 0, 0, 1, 1], 1, 5))),
        ("MaxUnpool: index 9 is outside -6 to 5", new("MaxUnpool", new MaxUnpool { KernelShape = [2], Strides = [2] }, Fixed([1, 1, 3]), Given([0L, 3, 9], 1, 1, 3))),
        ("the offsets should be [1,8,3,3]", new("DeformConv", new DeformConv(), Fixed([1, 1, 4, 4]), Fixed([1, 1, 2, 2]), Fixed([1, 8, 4, 4]))),
        ("token 1 would be written to 2 of a cache with 2 places", new("TensorScatter", new TensorScatter(), Fixed([1, 2, 3]), Fixed([1, 2, 3]), Ints(1))),
        ("a length of 5 and 4 steps", new("ReverseSequence", new ReverseSequence { BatchAxis = 0, TimeAxis = 1 }, Fixed([1, 4]), Ints(5))),
        ("more cells are taken away than there are", new("Pad", new Pad(), Fixed([3]), Ints(-2, -2))),
        ("has none left that could be repeated", new("Pad edge", new Pad { Mode = "edge" }, Fixed([2]), Ints(-2, 3))),
        ("one number of type Float32", new("Pad by another type", new Pad(), Fixed([2]), Ints(1, 1), Given([1L]))),
        ("Only float32 and double can be interpolated", new("Resize", new Resize { Mode = "linear" }, Given([1, 2], 1, 1, 2), None, Given([1f, 1, 2], 3))),
        ("needs a region of interest", new("Resize of a region", new Resize { CoordinateTransformationMode = "tf_crop_and_resize" }, Fixed([1, 2]), None, None, Ints(1, 4))),
        ("4 blocks were given, and 6 fit into the picture [3,4]", new("Col2Im", new Col2Im(), Fixed([1, 4, 4]), Ints(3, 4), Ints(2, 2))),
        ("does not fit the 2 axes of input 0", new("Einsum", new Einsum { Equation = "ijk->i" }, Fixed([2, 3]))),
        ("update_rule", new("LinearAttention", new LinearAttention { UpdateRule = "other", QNumHeads = 1, KvNumHeads = 1 }, Fixed([1, 2, 2]), Fixed([1, 2, 2]), Fixed([1, 2, 2]))),
        ("by gated should have a decay and no update rate", new("LinearAttention gated", new LinearAttention { UpdateRule = "gated", QNumHeads = 1, KvNumHeads = 1 }, Fixed([1, 2, 2]), Fixed([1, 2, 2]), Fixed([1, 2, 2]))),
        ("RoiAlign gives no gradient to its regions", new("RoiAlign", new RoiAlign(), Real([1, 1, 4, 4]), Real([1, 4]), Ints(0))),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(refusal => refusal.Row.Name)];

    [Theory, MemberData(nameof(Names))]
    public void What_does_not_fit_is_refused_in_words(string name)
    {
        var (says, row) = Cases.Single(refusal => refusal.Row.Name == name);
        using var scope = TensorScope.Begin();
        var inputs = row.Make(twice: false);
        for (var i = 0; i < inputs.Length; i++)
            if (row.Inputs[i].IsDifferentiated)
                inputs[i]!.RequiresGrad = true;
        Assert.Contains(says, Assert.ThrowsAny<AnnealException>(() => Tensor.Apply(row.Op, inputs)).Message, StringComparison.Ordinal);
    }
}
