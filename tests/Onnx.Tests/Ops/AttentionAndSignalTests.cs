namespace Anneal.Onnx.Tests.Ops;

/// <summary>Symbols, unknown extents and faults of operators whose vectors hold none.</summary>
public sealed class AttentionAndSignalTests
{
    [Theory]
    [InlineData("Attention", "", "Float32 [B,8,S,4]; Float32 [B,2,T,4]; Float32 [B,2,T,6]", "Float32 [B,8,S,6]; Float32 [B,2,T,4]; Float32 [B,2,T,6]; Float32 [B,8,S,T]")]
    [InlineData("Attention", "q_num_heads = 8; kv_num_heads = 2", "Float32 [B,S,32]; Float32 [B,T,8]; Float32 [B,T,12]", "Float32 [B,S,48]; Float32 [B,2,T,4]; Float32 [B,2,T,6]; Float32 [B,8,S,T]")]
    [InlineData("Attention", "", "Float32 [B,2,3,4]; Float32 [B,2,3,4]; Float32 [B,2,3,4]; _; Float32 [B,2,5,4]; Float32 [B,2,5,4]", "Float32 [B,2,3,4]; Float32 [B,2,8,4]; Float32 [B,2,8,4]; Float32 [B,2,3,8]")]
    [InlineData("Attention", "", "Float16; Float16; Float32", "Float16; Float16 [?,?,?,?]; Float32 [?,?,?,?]; Float16 [?,?,?,?]")]
    [InlineData("RotaryEmbedding", "num_heads = 4", "Float32 [B,S,32]; Float32 [50,4]; Float32 [50,4]; Int64 [B,S]", "Float32 [B,S,32]")]
    [InlineData("TensorScatter", "", "Float32 [B,2,9,4]; Float32 [B,2,1,4]; Int64 [B]", "Float32 [B,2,9,4]")]
    [InlineData("LinearAttention", "q_num_heads = 8; kv_num_heads = 2", "Float32 [B,T,32]; Float32 [B,T,8]; Float32 [B,T,12]", "Float32 [B,T,48]; Float32 [B,2,4,6]")]
    [InlineData("CausalConvWithState", "activation = silu", "Float32 [B,C,T]; Float32 [6,1,4]", "Float32 [B,6,T]; Float32 [B,6,3]")]
    [InlineData("HannWindow", "output_datatype = 11", "Int64 [] = [N]", "Double [N]")]
    [InlineData("DFT", "", "Float32 [N,L,1]", "Float32 [N,L,2]")]
    [InlineData("DFT", "onesided = 1; inverse = 1", "Float32 [N,9000000000000000000,2]", "Float32 [N,?,1]")]
    [InlineData("DFT", "onesided = 1", "Float32 [N,9,1]; Int64 [] = [16]", "Float32 [N,9,2]")]
    [InlineData("DFT", "", "Float32 [N,9,1]; _; Int64 []", "Float32 [?,?,2]")]
    [InlineData("STFT", "", "Float32 [N,L,1]; Int64 [] = [8]; Float32 [16]", "Float32 [N,?,9,2]")]
    [InlineData("MelWeightMatrix", "", "Int64 [] = [M]; Int64 [] = [16]; Int64 []; Float32 []; Float32 []", "Float32 [9,M]")]
    [InlineData("RoiAlign", "output_height = 7; output_width = 5", "Float32 [N,C,H,W]; Float32 [R,4]; Int64 [R]", "Float32 [R,C,7,5]")]
    [InlineData("MaxRoiPool", "pooled_shape = [7,5]", "Float32 [N,C,H,W]; Float32 [R,5]", "Float32 [R,C,7,5]")]
    [InlineData("AffineGrid", "", "Float32 [N,2,3]; Int64 [4] = [N,3,H,8]", "Float32 [N,H,8,2]")]
    [InlineData("AffineGrid", "", "Float32 [N,3,4]; Int64", "Float32 [?,?,?,?,?]")]
    [InlineData("GridSample", "", "Float32 [N,C,H,W]; Float32 [N,5,P,2]", "Float32 [N,C,5,P]")]
    [InlineData("GridSample", "mode = cubic", "Float32; Float32 [N,5,P,2]", "Float32 [N,?,5,P]")]
    [InlineData("Unique", "axis = 1", "Float32 [N,C]", "Float32 [N,?]; Int64 [?]; Int64 [C]; Int64 [?]")]
    public void What_is_known_of_the_output(string op, string attributes, string inputs, string expected) =>
        Assert.Equal(expected, NodeText.Infer(op, attributes, inputs, outputs: expected.Count(c => c == ';') + 1));

    [Theory]
    [InlineData("Attention", "", "Float32 [B,S,32]; Float32 [B,T,8]; Float32 [B,T,12]", "has 3 axes, so the attribute for its number of heads is needed")]
    [InlineData("Attention", "", "Float32 [B,3,S,4]; Float32 [B,2,T,4]; Float32 [B,2,T,4]", "the 3 heads of Q do not share 2 heads")]
    [InlineData("Attention", "", "Float32 [B,2,S,4]; Float32 [B,2,T,5]; Float32 [B,2,T,4]", "the widths of Q and K: 4 and 5 should be equal")]
    [InlineData("Attention", "qk_matmul_output_mode = 4", "Float32; Float32; Float32", "is none of 0, 1, 2, 3")]
    [InlineData("Attention", "left_window_size = -2", "Float32; Float32; Float32", "should be -1 or more")]
    [InlineData("RotaryEmbedding", "", "Float32 [B,4,S,8]; Float32 [50,4]; Float32 [50,4]", "else [batch,tokens,pairs]")]
    [InlineData("TensorScatter", "axis = 0", "Float32 [B,4]; Float32 [B,4]", "cannot be that of the batch")]
    [InlineData("LinearAttention", "q_num_heads = 5; kv_num_heads = 2", "Float32 [B,T,32]; Float32; Float32", "32 numbers do not fall into 5 heads")]
    [InlineData("CausalConvWithState", "activation = relu", "Float32; Float32", "is none of none, silu, swish")]
    [InlineData("HannWindow", "", "Int64 [] = [-1]", "a size is 0 or more")]
    [InlineData("DFT", "", "Float32 [N,9,1]; _; Int64 [] = [2]", "the last axis holds real and imaginary parts")]
    [InlineData("STFT", "", "Float32 [N,8,1]; Int64 [] = [0]; Float32 [4]", "do not fit")]
    [InlineData("STFT", "", "Float32 [N,8,1]; Int64 [] = [1]", "a window or a size is needed")]
    [InlineData("RoiAlign", "output_width = 0", "Float32 [N,C,H,W]; Float32 [R,4]; Int64 [R]", "a region needs cells")]
    [InlineData("AffineGrid", "", "Float32 [N,2,3]; Int64 [4] = [N,3,-1,8]", "sizes are 0 or more")]
    [InlineData("RoiAlign", "mode = sum", "Float32 [N,C,H,W]; Float32 [R,4]; Int64 [R]", "neither avg nor max")]
    [InlineData("MaxRoiPool", "pooled_shape = [7]", "Float32; Float32", "two numbers, height and width")]
    [InlineData("AffineGrid", "", "Float32 [N,3,4]; Int64 [4]", "with matrices [N,2,3]")]
    [InlineData("AffineGrid", "", "Float32 [N,1000000000,4]; Int64", "should be [N,2,3] or [N,3,4]")]
    [InlineData("GridSample", "", "Float32 [N,C,H,W]; Float32 [N,5,6,3]", "3 and 2 should be equal")]
    [InlineData("GridSample", "padding_mode = edge", "Float32; Float32", "none of zeros, border, reflection")]
    public void What_does_not_fit_is_refused(string op, string attributes, string inputs, string expected) =>
        Assert.Contains(expected, NodeText.Infer(op, attributes, inputs), StringComparison.Ordinal);
}
