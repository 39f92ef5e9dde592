namespace Anneal.Onnx.Tests.Ops;

public sealed class MatrixProductsTests
{
    [Theory]
    [InlineData("MatMul : [N,12,197,64] ; [64,768]", "Float32 [N,12,197,768]")]
    [InlineData("MatMul : [N,1,T,64] ; [12,64,T]", "Float32 [N,12,T,T]")]
    [InlineData("MatMul : [3] ; [3]", "Float32 []")]
    [InlineData("MatMul : [3] ; [B,3,4]", "Float32 [B,4]")]
    [InlineData("MatMul : [B,4,3] ; [3]", "Float32 [B,4]")]
    [InlineData("MatMul : ? ; [3,4]", "Float32")]
    [InlineData("MatMulInteger : UInt8[4,3] ; Int8[3,2] ; UInt8[1] ; Int8[1]", "Int32 [4,2]")]
    [InlineData("QLinearMatMul : UInt8[2,4] ; [1] ; UInt8[1] ; UInt8[4,3] ; [1] ; UInt8[1] ; [1] ; UInt8[1]", "UInt8 [2,3]")]
    [InlineData("Gemm transB=1 : [N,512] ; [1000,512] ; [1000]", "Float32 [N,1000]")]
    [InlineData("Gemm transA=1 : [K,M] ; ?", "Float32 [M,?]")]
    [InlineData("Einsum equation=bij,bjk->bik : [B,2,3] ; [B,3,5]", "Float32 [B,2,5]")]
    [InlineData("Einsum equation=ij,jk : [2,3] ; [3,5]", "Float32 [2,5]")]
    [InlineData("Einsum equation=ji : [2,3]", "Float32 [3,2]")]
    [InlineData("Einsum equation=...ii->...i : [B,3,3]", "Float32 [B,3]")]
    [InlineData("Einsum equation=...ij,...jk->...ik : [B,1,2,3] ; [4,3,5]", "Float32 [B,4,2,5]")]
    [InlineData("Einsum equation=i,i : [3] ; [3]", "Float32 []")]
    [InlineData("Einsum equation=ij,jk->ik : [1,3] ; ?", "Float32 [1,?]")]
    [InlineData("Einsum equation=ij,ik->i : [1,3] ; ?", "Float32 [?]")]
    [InlineData("Det : [B,3,3]", "Float32 [B]")]
    public void The_inner_axes_go_and_the_outer_ones_stay(string node, string expected) => Assert.Equal(expected, NodeLine.Infer(node));

    [Theory]
    [InlineData("MatMul : [2,3] ; [4,2]", "3 and 4 should be equal")]
    [InlineData("MatMul : [] ; [2]", "a scalar cannot be multiplied")]
    [InlineData("MatMul : [2,2,3] ; [3,3,4]", "cannot be broadcast")]
    [InlineData("Gemm : [2,3] ; [4,2]", "3 and 4 should be equal")]
    [InlineData("Gemm : [2,3,1] ; [3,2]", "input 0 should be a matrix")]
    [InlineData("Gemm : [2,3] ; [3,2] ; [3]", "C [3] cannot be stretched to [2,2]")]
    [InlineData("Einsum equation=ij,jk->il : [2,3] ; [3,5]", "names 'l', which no input has")]
    [InlineData("Einsum equation=ij->i : [2,3] ; [3]", "a term for each of the 2 inputs")]
    [InlineData("Einsum equation=ijk->i : [2,3]", "does not fit the 2 axes")]
    [InlineData("Einsum equation=i1->i : [2,3]", "should be letters")]
    [InlineData("Einsum equation=ij,jk->ik : [2,3] ; [4,5]", "cannot be broadcast")]
    [InlineData("Det : [2,3]", "2 and 3 should be equal")]
    public void What_does_not_fit_is_refused(string node, string reason) => Assert.Contains(reason, NodeLine.Refuse(node), StringComparison.Ordinal);
}
