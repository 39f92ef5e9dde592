namespace Anneal.Onnx.Tests.Ops;

/// <summary>Symbols and unknown extents, which ONNX's own cases do not have.</summary>
public sealed class IndexingTests
{
    [Theory]
    [InlineData("Gather", "", "Int64 [4] = [N,3,H,W]; Int64 [] = [-2]", "Int64 [] = [H]")]
    [InlineData("Gather", "", "Int64 [4] = [N,3,H,W]; Int64 [2] = [0,?]", "Int64 [2] = [N,?]")]
    [InlineData("Gather", "axis = 1", "Float32 [N,C,7]; Int64 [A,B]", "Float32 [N,A,B,7]")]
    [InlineData("Gather", "axis = 1", "Float32 [N,C,7]; Int64", "Float32")]
    [InlineData("Gather", "axis = 1", "Int64 [2,3] = [1,2,3,A,B,C]; Int64 [2] = [2,0]", "Int64 [2,2] = [3,1,C,A]")]
    [InlineData("GatherElements", "axis = 1", "Float32 [N,C]; Int64", "Float32 [?,?]")]
    [InlineData("GatherND", "batch_dims = 1", "Float32 [N,4,5,C]; Int64 [?,7,2]", "Float32 [N,7,C]")]
    [InlineData("GatherND", "", "Float32 [N,4]; Int64 [7,K]", "Float32")]
    [InlineData("ScatterElements", "", "Float32 [N,4]; Int64 [2,4]; Float32 [2,4]", "Float32 [N,4]")]
    [InlineData("ScatterND", "", "Float32 [N,4]; Int64 [2,1]; Float32 [2,4]", "Float32 [N,4]")]
    [InlineData("OneHot", "axis = 1", "Int64 [N,7]; Int64 [] = [10]; Float32 [2]", "Float32 [N,10,7]")]
    [InlineData("OneHot", "", "Int64 [N]; Int64 [1] = [K]; Float32 [2]", "Float32 [N,K]")]
    [InlineData("OneHot", "", "Int64 [N]; Float32 [1] = [9.5]; Bool [2]", "Bool [N,9]")]
    [InlineData("NonZero", "", "Float32 [N,7]", "Int64 [2,?]")]
    [InlineData("NonZero", "", "Int64 [3] = [0,5,1]", "Int64 [1,2]")]
    [InlineData("NonZero", "", "Int64 [3] = [0,N,1]", "Int64 [1,?]")]
    [InlineData("Compress", "axis = 1", "Float32 [N,7]; Bool [3] = [1,0,1]", "Float32 [N,2]")]
    [InlineData("Compress", "", "Float32 [N,7]; Bool [3]", "Float32 [?]")]
    [InlineData("TopK", "axis = 1", "Float32 [N,1000]; Int64 [1] = [5]", "Float32 [N,5]; Int64 [N,5]")]
    [InlineData("TopK", "", "Float32 [N,1000]; Int64 [1] = [?]", "Float32 [N,?]; Int64 [N,?]")]
    public void What_is_known_of_the_output(string op, string attributes, string inputs, string expected) =>
        Assert.Equal(expected, NodeText.Infer(op, attributes, inputs, outputs: expected.Count(c => c == ';') + 1));

    [Theory]
    [InlineData("Gather", "", "Float32 [3]; Int64 [1] = [3]", "index 3 is outside -3 to 2")]
    [InlineData("Scatter", "", "Float32 [3]; Int64 [1]; Float32 [1]", "ScatterElements does the same")]
    [InlineData("ScatterElements", "reduction = sum", "Float32 [3]; Int64 [1]; Float32 [1]", "none of none, add, mul, max, min")]
    [InlineData("ScatterND", "", "Float32 [3]; Int64 [1,2]; Float32 [1]", "tuples of 2 numbers")]
    [InlineData("GatherND", "", "Float32 [3]; Int64 [1,2]", "tuples of 2 numbers")]
    [InlineData("OneHot", "", "Int64 [3]; Int64 [] = [-1]; Float32 [2]", "the depth -1 is no extent")]
    [InlineData("TopK", "", "Float32 [3]; Int64 [1] = [4]", "k is 4 of 3 elements")]
    [InlineData("TopK", "", "Float32 [3]; Int64 [2] = [1,2]", "should hold one number")]
    public void What_does_not_fit_is_refused(string op, string attributes, string inputs, string expected) =>
        Assert.Contains(expected, NodeText.Infer(op, attributes, inputs), StringComparison.Ordinal);
}
