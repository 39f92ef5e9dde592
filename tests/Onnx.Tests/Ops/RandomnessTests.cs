namespace Anneal.Onnx.Tests.Ops;

/// <summary>Random numbers have no cases of ONNX's own that could be compared.</summary>
public sealed class RandomnessTests
{
    [Theory]
    [InlineData("Dropout", "", "Float32 [N,3]", "Float32 [N,3]; Bool [N,3]")]
    [InlineData("Dropout", "seed = 1", "Float16; Float32 []; Bool []", "Float16; Bool")]
    [InlineData("RandomNormal", "shape = [2,3]; dtype = 11", "", "Double [2,3]")]
    [InlineData("RandomUniform", "shape = []", "", "Float32 []")]
    [InlineData("RandomNormalLike", "", "Float16 [N,3]", "Float16 [N,3]")]
    [InlineData("RandomUniformLike", "dtype = 1", "Float16 [N,3]", "Float32 [N,3]")]
    [InlineData("Bernoulli", "dtype = 9", "Float32 [N,3]", "Bool [N,3]")]
    [InlineData("Multinomial", "sample_size = 4", "Float32 [N,10]", "Int32 [N,4]")]
    [InlineData("Multinomial", "dtype = 7", "Float32", "Int64 [?,1]")]
    public void What_is_known_of_the_output(string op, string attributes, string inputs, string expected) =>
        Assert.Equal(expected, NodeText.Infer(op, attributes, inputs, outputs: expected.Count(c => c == ';') + 1));

    [Theory]
    [InlineData("RandomNormal", "shape = [2,-3]", "", "has a negative extent")]
    [InlineData("Multinomial", "", "Float32 [10]", "x should be [N,classes]")]
    public void What_does_not_fit_is_refused(string op, string attributes, string inputs, string expected) =>
        Assert.Contains(expected, NodeText.Infer(op, attributes, inputs), StringComparison.Ordinal);
}
