namespace Anneal.Onnx.Tests.Ops;

public sealed class PoolingTests
{
    [Theory]
    [InlineData("MaxPool/2 kernel_shape=3,3 strides=2,2 pads=1,1,1,1 : [N,64,112,112]", "Float32 [N,64,56,56]; Int64 [N,64,56,56]")]
    [InlineData("MaxPool kernel_shape=3,3 strides=2,2 ceil_mode=1 : [N,64,8,7]", "Float32 [N,64,4,3]")]
    [InlineData("AveragePool kernel_shape=3,3 strides=3,3 pads=1,1,1,1 ceil_mode=1 : [1,1,2,2]", "Float32 [1,1,1,1]")]
    [InlineData("AveragePool kernel_shape=2,2 : ?", "Float32 [?,?,?,?]")]
    [InlineData("AveragePool kernel_shape=2,2 strides=2,2 auto_pad=SAME_UPPER : [N,C,5,W]", "Float32 [N,C,3,?]")]
    [InlineData("LpPool kernel_shape=2, dilations=3, : [N,C,5]", "Float32 [N,C,2]")]
    [InlineData("GlobalAveragePool : [N,512,H,W]", "Float32 [N,512,1,1]")]
    [InlineData("GlobalLpPool p=1 : [N,C,T]", "Float32 [N,C,1]")]
    [InlineData("GlobalMaxPool : ?", "Float32")]
    [InlineData("MaxUnpool kernel_shape=2,2 strides=2,2 : [N,C,2,2] ; Int64[N,C,2,2]", "Float32 [N,C,4,4]")]
    [InlineData("MaxUnpool kernel_shape=2,2 strides=2,2 : [1,1,2,2] ; Int64[1,1,2,2] ; Int64[4]=1,1,5,5", "Float32 [1,1,5,5]")]
    [InlineData("MaxUnpool kernel_shape=2,2 strides=2,2 : [1,1,2,2] ; Int64[1,1,2,2] ; Int64[4]", "Float32 [?,?,?,?]")]
    public void Channels_stay_and_cells_become_fewer(string node, string expected) => Assert.Equal(expected, NodeLine.Infer(node));

    [Theory]
    [InlineData("MaxPool : [1,1,2,2]", "lacks the attribute 'kernel_shape'")]
    [InlineData("MaxPool kernel_shape=2,2 : [1,1,2]", "kernel_shape has 2 numbers where 1 are needed")]
    [InlineData("MaxPool kernel_shape=3,3 : [1,1,2,2]", "does not fit")]
    [InlineData("MaxPool kernel_shape=2,2 auto_pad=SAME : [1,1,2,2]", "auto_pad 'SAME'")]
    [InlineData("AveragePool kernel_shape=2,2 : [1,1]", "at least 3 axes")]
    [InlineData("MaxUnpool kernel_shape=2,2 : [1,1,2,2] ; Int64[1,1,2,2] ; Int64[2]=5,5", "should have 4 numbers")]
    public void What_does_not_fit_is_refused(string node, string reason) => Assert.Contains(reason, NodeLine.Refuse(node), StringComparison.Ordinal);
}
