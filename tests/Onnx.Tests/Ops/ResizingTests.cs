namespace Anneal.Onnx.Tests.Ops;

/// <summary>Symbols and unknown extents, which ONNX's own cases do not have.</summary>
public sealed class ResizingTests
{
    [Theory]
    [InlineData("Resize", "", "Float32 [N,3,H,8]; _; _; Int64 [4] = [N,3,S,16]", "Float32 [N,3,S,16]")]
    [InlineData("Resize", "axes = [2,-1]", "Float32 [N,3,H,8]; _; _; Int64 [2] = [16,16]", "Float32 [N,3,16,16]")]
    [InlineData("Resize", "axes = [2,3]", "Float32 [N,3,H,8]; _; _; Int64 [2]", "Float32 [N,3,?,?]")]
    [InlineData("Resize", "", "Float32 [N,3,H,8]; _; Float32 [4] = [1,1,2,2.5]", "Float32 [N,3,?,20]")]
    [InlineData("Resize", "", "Float32 [N,3,H,8]; Float32 [0] = []; Float32 [0] = []; Int64 [4] = [N,3,16,16]", "Float32 [N,3,16,16]")]
    [InlineData("Resize", "axes = [0]; keep_aspect_ratio_policy = not_larger", "Float32 [H]; _; _; Int64 [1] = [16]", "Float32 [?]")]
    [InlineData("Resize", "keep_aspect_ratio_policy = not_smaller", "Float32 [2,5]; _; _; Int64 [2] = [3,7]", "Float32 [3,8]")]
    [InlineData("Resize", "keep_aspect_ratio_policy = not_larger", "Float32 [2,5]; _; _; Int64 [2] = [3,7]", "Float32 [3,7]")]
    [InlineData("Resize", "", "Float32 [10]; _; Float32 [1] = [0.7]", "Float32 [?]")]
    [InlineData("Upsample", "", "Float32 [N,3,4,8]; Float32 [4] = [1,1,2,2]", "Float32 [N,3,8,16]")]
    [InlineData("Upsample", "", "Float32 [N,3,4,8]; Float32 [4]", "Float32 [?,?,?,?]")]
    public void What_is_known_of_the_output(string op, string attributes, string inputs, string expected) =>
        Assert.Equal(expected, NodeText.Infer(op, attributes, inputs, outputs: expected.Count(c => c == ';') + 1));

    [Theory]
    [InlineData("Resize", "", "Float32 [8]; _; Float32 [1] = [2]; Int64 [1] = [4]", "and not both")]
    [InlineData("Resize", "", "Float32 [8]", "either scales or sizes are needed")]
    [InlineData("Resize", "", "Float32 [8,8]; _; Float32 [1] = [2]", "1 scales for 2 axes")]
    [InlineData("Resize", "", "Float32 [8]; _; Float32 [1] = [0]", "is not positive")]
    [InlineData("Resize", "mode = area", "Float32 [8]; _; Float32 [1] = [2]", "none of nearest, linear, cubic")]
    public void What_does_not_fit_is_refused(string op, string attributes, string inputs, string expected) =>
        Assert.Contains(expected, NodeText.Infer(op, attributes, inputs), StringComparison.Ordinal);
}
