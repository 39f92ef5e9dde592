namespace Anneal.Onnx.Tests.Ops;

public sealed class ReductionTests
{
    [Theory]
    [InlineData("ReduceMean : [N,3,H] ; Int64[2]=1,-1", "Float32 [N,1,1]")]
    [InlineData("ReduceMean keepdims=0 : [N,3,H] ; Int64[2]=1,-1", "Float32 [N]")]
    [InlineData("ReduceMean : [N,3,H]", "Float32 [1,1,1]")]
    [InlineData("ReduceMean keepdims=0 : ?", "Float32 []")]
    [InlineData("ReduceMean : ?", "Float32")]
    [InlineData("ReduceMean noop_with_empty_axes=1 : [N,3] ; Int64[0]", "Float32 [N,3]")]
    [InlineData("ReduceMean noop_with_empty_axes=1 keepdims=0 : ?", "Float32")]
    [InlineData("ReduceMean : [N,1,3] ; Int64[2]", "Float32 [?,1,?]")]
    [InlineData("ReduceMean keepdims=0 : [N,1,3] ; Int64[1]", "Float32 [?,?]")]
    [InlineData("ReduceMean keepdims=0 : [N,1,3] ; Int64[2]", "Float32")]
    [InlineData("ReduceProd keepdims=0 : Int64[3]=1,N,1", "Int64 [] = [N]")]
    [InlineData("ReduceProd : Int64[3]=2,N,3", "Int64 [1] = [?]")]
    [InlineData("ReduceSum keepdims=0 : Int64[2,2]=1,2,3,N ; Int64[1]=1", "Int64 [2] = [3,?]")]
    [InlineData("ReduceMax : Int64[2,2]=1,2,3,4 ; Int64[1]=0", "Int64 [1,2] = [3,4]")]
    [InlineData("ReduceSumSquare : Int64[2]=1,2", "Int64 [1]")]
    [InlineData("ReduceSum : UInt8[2]=200,100", "UInt8 [1] = [?]")]
    [InlineData("ArgMax axis=1 keepdims=0 : [N,1000]", "Int64 [N]")]
    [InlineData("ArgMin axis=-1 : [N,1000]", "Int64 [N,1]")]
    [InlineData("CumSum : [N,4] ; Int64[]=1", "Float32 [N,4]")]
    public void Reduced_axes_become_1_or_go(string node, string expected) => Assert.Equal(expected, NodeLine.Infer(node));

    [Theory]
    [InlineData("ReduceMean : [N,3] ; Int64[1]=2", "axis 2 is outside")]
    [InlineData("ReduceMean axes=1, : [N,3]", "has the attribute 'axes'")]
    [InlineData("ArgMax axis=2 : [N,3]", "axis 2 is outside")]
    [InlineData("CumProd : [N,3] ; Int64[]=5", "axis 5 is outside")]
    public void What_does_not_fit_is_refused(string node, string reason) => Assert.Contains(reason, NodeLine.Refuse(node), StringComparison.Ordinal);
}
