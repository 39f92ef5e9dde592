namespace Anneal.Onnx.Tests.Ops;

/// <summary>Symbols, and the forms of constants that ONNX's own cases do not have.</summary>
public sealed class ConstantsTests
{
    [Theory]
    [InlineData("Constant", "value_int = 5", "", "Int64 [] = [5]")]
    [InlineData("Constant", "value_ints = [1,-1]", "", "Int64 [2] = [1,-1]")]
    [InlineData("Constant", "value_float = 0.5", "", "Float32 []")]
    [InlineData("Constant", "value_string = text", "", "String []")]
    [InlineData("ConstantOfShape", "", "Int64 [2] = [N,3]", "Float32 [N,3]")]
    [InlineData("ConstantOfShape", "", "Int64 [2]", "Float32 [?,?]")]
    [InlineData("ConstantOfShape", "", "Int64", "Float32")]
    [InlineData("Shape", "", "Float32 [N,3,?]", "Int64 [3] = [N,3,?]")]
    [InlineData("Shape", "start = -2; end = 100", "Float32 [N,3,?]", "Int64 [2] = [3,?]")]
    [InlineData("Shape", "start = 2; end = 1", "Float32 [N,3,?]", "Int64 [0] = []")]
    [InlineData("Shape", "", "Float32 [-1,3]", "Int64 [2] = [?,3]")]
    [InlineData("Shape", "", "Float32", "Int64 [?]")]
    [InlineData("Size", "", "Float32 [N,1]", "Int64 [] = [N]")]
    [InlineData("Size", "", "Float32 [N,2]", "Int64 [] = [?]")]
    [InlineData("Size", "", "Float32 [3,2]", "Int64 [] = [6]")]
    [InlineData("Range", "", "Int64 [] = [0]; Int64 [] = [N]; Int64 [] = [1]", "Int64 [N]")]
    [InlineData("Range", "", "Int64 [] = [1]; Int64 [] = [N]; Int64 [] = [1]", "Int64 [?]")]
    [InlineData("Range", "", "Int64 [] = [10]; Int64 [] = [0]; Int64 [] = [-4]", "Int64 [3] = [10,6,2]")]
    [InlineData("Range", "", "Int64 [] = [0]; Int64 [] = [0]; Int64 [] = [3]", "Int64 [0] = []")]
    [InlineData("Range", "", "Float32 [] = [0]; Float32 [] = [1]; Float32 [] = [0.25]", "Float32 [4]")]
    [InlineData("Range", "", "Float32 []; Float32 []; Float32 []", "Float32 [?]")]
    [InlineData("EyeLike", "dtype = 7", "Float32 [N,?]", "Int64 [N,?]")]
    [InlineData("EyeLike", "", "Float32", "Float32 [?,?]")]
    public void What_is_known_of_the_output(string op, string attributes, string inputs, string expected) =>
        Assert.Equal(expected, NodeText.Infer(op, attributes, inputs, outputs: expected.Count(c => c == ';') + 1));

    [Theory]
    [InlineData("Constant", "", "", "exactly one of the value attributes")]
    [InlineData("Constant", "value_int = 5; value_float = 0.5", "", "and 2 are given")]
    [InlineData("ConstantOfShape", "", "Int64 [1] = [-3]", "an extent is negative")]
    [InlineData("Range", "", "Int64 [] = [0]; Int64 [] = [5]; Int64 [] = [0]", "the step is 0")]
    [InlineData("EyeLike", "", "Float32 [2,2,2]", "a matrix is needed")]
    public void What_does_not_fit_is_refused(string op, string attributes, string inputs, string expected) =>
        Assert.Contains(expected, NodeText.Infer(op, attributes, inputs), StringComparison.Ordinal);
}
