namespace Anneal.Onnx.Tests.Ops;

public sealed class NormalizationTests
{
    [Theory]
    [InlineData("BatchNormalization : [N,64,H,W] ; [64] ; [64] ; [64] ; [64]", "Float32 [N,64,H,W]")]
    [InlineData("BatchNormalization/3 training_mode=1 : Float16[N,?,H,W] ; Float16[64] ; Float16[64] ; [64] ; [64]", "Float16 [N,64,H,W]; Float32 [64]; Float32 [64]")]
    [InlineData("InstanceNormalization : [N,C,H,W] ; [C] ; [C]", "Float32 [N,C,H,W]")]
    [InlineData("GroupNormalization num_groups=4 : [N,64,H,W] ; [64] ; [64]", "Float32 [N,64,H,W]")]
    [InlineData("LayerNormalization/3 axis=-2 : Float16[N,197,768] ; Float16[768]", "Float16 [N,197,768]; Float32 [N,1,1]; Float32 [N,1,1]")]
    [InlineData("LayerNormalization/2 : ? ; [768]", "Float32; Float32")]
    [InlineData("RMSNormalization : Float16[N,768] ; [768]", "Float32 [N,768]")]
    [InlineData("LRN size=5 : [N,96,55,55]", "Float32 [N,96,55,55]")]
    [InlineData("LpNormalization p=1 : [N,8]", "Float32 [N,8]")]
    [InlineData("MeanVarianceNormalization : [N,3,H,W]", "Float32 [N,3,H,W]")]
    [InlineData("Softmax : [N,1000]", "Float32 [N,1000]")]
    [InlineData("LogSoftmax axis=1 : ?", "Float32")]
    public void Shapes_stay(string node, string expected) => Assert.Equal(expected, NodeLine.Infer(node));

    [Theory]
    [InlineData("BatchNormalization : [N,64,H,W] ; [64] ; [64] ; [63] ; [64]", "the length of mean: 64 and 63 should be equal")]
    [InlineData("BatchNormalization/2 : [N,64,H,W] ; [64] ; [64] ; [64] ; [64]", "training_mode = 1")]
    [InlineData("GroupNormalization num_groups=5 : [N,64,H,W] ; [64] ; [64]", "group 5 does not divide the 64 channels")]
    [InlineData("GroupNormalization num_groups=0 : [N,64,H,W] ; [64] ; [64]", "group 0 does not divide")]
    [InlineData("InstanceNormalization : [N,3,H,W] ; [3,1] ; [3]", "scale should be a vector")]
    [InlineData("LayerNormalization axis=3 : [N,197,768] ; [768]", "axis 3 is outside -3 to 2")]
    [InlineData("LayerNormalization : [N,197,768] ; [767]", "the scale [767] cannot be stretched")]
    [InlineData("LRN : [N,96,55,55]", "lacks the attribute 'size'")]
    [InlineData("LpNormalization p=3 : [N,8]", "only 1 and 2")]
    [InlineData("MeanVarianceNormalization : [N,3]", "axis 2 is outside")]
    [InlineData("Softmax axis=2 : [N,1000]", "axis 2 is outside")]
    public void What_does_not_fit_is_refused(string node, string reason) => Assert.Contains(reason, NodeLine.Refuse(node), StringComparison.Ordinal);
}
