namespace Anneal.Onnx.Tests.Ops;

public sealed class ConvolutionTests
{
    [Theory]
    [InlineData("Conv pads=1,1,1,1 : [N,3,H,W] ; [8,3,3,3]", "Float32 [N,8,H,W]")]
    [InlineData("Conv : [N,3,H,W] ; [8,3,3,3]", "Float32 [N,8,?,?]")]
    [InlineData("Conv strides=2,2 pads=3,3,3,3 : [N,3,224,224] ; [64,3,7,7] ; [64]", "Float32 [N,64,112,112]")]
    [InlineData("Conv strides=2,2 auto_pad=SAME_UPPER : [1,3,225,224] ; [8,3,3,3]", "Float32 [1,8,113,112]")]
    [InlineData("Conv auto_pad=SAME_LOWER : [1,3,H,W] ; ?", "Float32 [1,?,H,W]")]
    [InlineData("Conv kernel_shape=3, : [1,3,9] ; ?", "Float32 [1,?,7]")]
    [InlineData("Conv dilations=2,2 group=4 : [1,4,9,9] ; [4,1,3,3]", "Float32 [1,4,5,5]")]
    [InlineData("Conv : ? ; [8,3,3,3]", "Float32 [?,8,?,?]")]
    [InlineData("ConvTranspose strides=2,2 : [N,16,7,7] ; [16,8,2,2]", "Float32 [N,8,14,14]")]
    [InlineData("ConvTranspose strides=3,2 output_padding=1,1 pads=1,1,1,1 : [N,16,3,3] ; [16,8,3,3]", "Float32 [N,8,8,6]")]
    [InlineData("ConvTranspose strides=3,2 output_shape=10,8 : [N,16,H,W] ; [16,8,3,3]", "Float32 [N,8,10,8]")]
    [InlineData("ConvTranspose strides=2,2 auto_pad=SAME_UPPER : [N,16,3,3] ; [16,4,3,3]", "Float32 [N,4,6,6]")]
    [InlineData("ConvTranspose group=2 pads=1,1,1,1 : [N,16,H,W] ; [16,4,3,3]", "Float32 [N,8,H,W]")]
    [InlineData("Conv pads=9223372036854775807,0 : [1,1,9223372036854775807] ; [1,1,1]", "Float32 [1,1,?]")]
    [InlineData("ConvTranspose strides=9223372036854775807, : [1,1,9] ; [1,1,3]", "Float32 [1,1,?]")]
    [InlineData("DeformConv pads=1,1,1,1 : [1,3,5,5] ; [8,3,3,3] ; [1,18,5,5]", "Float32 [1,8,5,5]")]
    [InlineData("ConvInteger : UInt8[1,1,3,3] ; UInt8[1,1,2,2]", "Int32 [1,1,2,2]")]
    [InlineData("QLinearConv : UInt8[1,3,7,7] ; [] ; UInt8[] ; Int8[4,3,1,1] ; [4] ; Int8[4] ; [] ; UInt8[]", "UInt8 [1,4,7,7]")]
    public void Space_extents_follow_from_the_window(string node, string expected) => Assert.Equal(expected, NodeLine.Infer(node));

    [Theory]
    [InlineData("Conv : [1,3,8,8] ; [8,4,3,3]", "x has 3 channels, w with group 1 takes 4")]
    [InlineData("Conv group=3 : [1,3,8,8] ; [8,1,3,3]", "group 3 does not divide the 8 output channels")]
    [InlineData("Conv : [1,3,2,2] ; [8,3,3,3]", "does not fit into 2 + 0 + 0")]
    [InlineData("Conv kernel_shape=5,5 : [1,3,8,8] ; [8,3,3,3]", "kernel_shape and the extent of the weights: 5 and 3 should be equal")]
    [InlineData("Conv strides=0,1 : [1,3,8,8] ; [8,3,3,3]", "strides has the number 0")]
    [InlineData("Conv strides=2, : [1,3,8,8] ; [8,3,3,3]", "strides has 1 numbers where 2 are needed")]
    [InlineData("Conv : [1,3,8,8] ; [8,3,3,3] ; [7]", "8 and 7 should be equal")]
    [InlineData("ConvTranspose : [1,3,8,8] ; [4,8,3,3]", "3 and 4 should be equal")]
    [InlineData("ConvTranspose output_shape=10, : [1,4,8,8] ; [4,8,3,3]", "output_shape has 1 numbers where 2 are needed")]
    public void What_does_not_fit_is_refused(string node, string reason) => Assert.Contains(reason, NodeLine.Refuse(node), StringComparison.Ordinal);
}
