namespace Anneal.Onnx.Tests.Ops;

public sealed class LossAndLayerTests
{
    [Theory]
    [InlineData("SoftmaxCrossEntropyLoss/2 : [N,10] ; Int64[N]", "Float32 []; Float32 [N,10]")]
    [InlineData("SoftmaxCrossEntropyLoss reduction=none : [N,10,H] ; Int64[8,H] ; [10]", "Float32 [8,H]")]
    [InlineData("NegativeLogLikelihoodLoss reduction=none ignore_index=-1 : [N,10] ; Int64?", "Float32 [N]")]
    [InlineData("QuantizeLinear : [N,3] ; []", "UInt8 [N,3]")]
    [InlineData("QuantizeLinear : [N,3] ; [3] ; Int8[3]", "Int8 [N,3]")]
    [InlineData("QuantizeLinear output_dtype=22 : [N,3] ; []", "Int4 [N,3]")]
    [InlineData("DequantizeLinear : Int8[N,3] ; Float16[]", "Float16 [N,3]")]
    [InlineData("DynamicQuantizeLinear/3 : [N,3]", "UInt8 [N,3]; Float32 []; UInt8 []")]
    [InlineData("LSTM/3 hidden_size=7 : [S,B,3] ; [1,28,3] ; [1,28,7]", "Float32 [S,1,B,7]; Float32 [1,B,7]; Float32 [1,B,7]")]
    [InlineData("GRU/2 direction=bidirectional layout=1 : [B,S,3] ; [2,21,3] ; [2,21,7]", "Float32 [B,S,2,7]; Float32 [B,2,7]")]
    [InlineData("RNN : ? ; ? ; ?", "Float32 [?,1,?,?]")]
    public void Outputs_follow_from_inputs_and_attributes(string node, string expected) => Assert.Equal(expected, NodeLine.Infer(node));

    [Theory]
    [InlineData("SoftmaxCrossEntropyLoss : [N,10] ; Int64[N,1]", "labels [N,d…] are needed")]
    [InlineData("SoftmaxCrossEntropyLoss : [8,10] ; Int64[9]", "8 and 9 should be equal")]
    [InlineData("SoftmaxCrossEntropyLoss : [8,10] ; Int64[8] ; [9]", "10 and 9 should be equal")]
    [InlineData("SoftmaxCrossEntropyLoss reduction=max : [8,10] ; Int64[8]", "none of none, sum, mean")]
    [InlineData("QuantizeLinear : [N,3] ; [4]", "3 and 4 should be equal")]
    [InlineData("QuantizeLinear output_dtype=3 : [N,3] ; [] ; UInt8[]", "output_dtype is Int8, the zero point is UInt8")]
    [InlineData("LSTM direction=backward : [S,B,3] ; [1,28,3] ; [1,28,7]", "direction 'backward'")]
    [InlineData("LSTM hidden_size=6 : [S,B,3] ; [1,28,3] ; [1,28,7]", "6 and 7 should be equal")]
    public void What_does_not_fit_is_refused(string node, string reason) => Assert.Contains(reason, NodeLine.Refuse(node), StringComparison.Ordinal);
}
