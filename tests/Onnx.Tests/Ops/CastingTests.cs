namespace Anneal.Onnx.Tests.Ops;

/// <summary>Followed elements, which ONNX's own cases do not show.</summary>
public sealed class CastingTests
{
    [Theory]
    [InlineData("Cast", "to = 7", "Int32 [3] = [N,-1,5]", "Int64 [3] = [N,-1,5]")]
    [InlineData("Cast", "to = 3", "Int64 [3] = [N,127,128]", "Int8 [3] = [?,127,?]")]
    [InlineData("Cast", "to = 2", "Int64 [2] = [255,-1]", "UInt8 [2] = [255,?]")]
    [InlineData("Cast", "to = 9", "Int64 [3] = [N,0,5]", "Bool [3] = [?,0,1]")]
    [InlineData("Cast", "to = 7", "Float32 [3] = [2.9,-2.9,NaN]", "Int64 [3] = [2,-2,?]")]
    [InlineData("Cast", "to = 1", "Int64 [2] = [N,5]", "Float32 [2]")]
    [InlineData("CastLike", "", "Int64 [1] = [N]; Int32", "Int32 [1] = [N]")]
    [InlineData("BitCast", "to = 6", "Float32 [N,3]", "Int32 [N,3]")]
    public void What_is_known_of_the_output(string op, string attributes, string inputs, string expected) =>
        Assert.Equal(expected, NodeText.Infer(op, attributes, inputs, outputs: expected.Count(c => c == ';') + 1));

    [Theory]
    [InlineData("Cast", "to = 99", "Float32 [2]", "is 99, which is no element type")]
    [InlineData("BitCast", "to = 7", "Float32 [2]", "elements of 32 bits cannot be read as Int64")]
    public void What_does_not_fit_is_refused(string op, string attributes, string inputs, string expected) =>
        Assert.Contains(expected, NodeText.Infer(op, attributes, inputs), StringComparison.Ordinal);
}
