namespace Anneal.Onnx.Tests.Ops;

public sealed class ElementwiseTests
{
    [Theory]
    [InlineData("Relu : [N,3]", "Float32 [N,3]")]
    [InlineData("Add : [N,1] ; [4]", "Float32 [N,4]")]
    [InlineData("Add : [N,4] ; [M,4]", "Float32 [?,4]")]
    [InlineData("Pow : [N] ; Int64[]", "Float32 [N]")]
    [InlineData("Less : [N,4] ; [N,1]", "Bool [N,4]")]
    [InlineData("Sum : [2,1] ; [1,3] ; [4,1,1]", "Float32 [4,2,3]")]
    [InlineData("IsInf : [N]", "Bool [N]")]
    [InlineData("Where : Bool[N,1] ; Int32[4] ; Int32[1]", "Int32 [N,4]")]
    [InlineData("Clip : [N,4] ; _ ; []", "Float32 [N,4]")]
    [InlineData("PRelu : [N,8,H,W] ; [8,1,1]", "Float32 [N,8,H,W]")]
    [InlineData("Selu alpha=1.5 : [N]", "Float32 [N]")]
    [InlineData("SwiGLU alpha=1.5 : [N,4] ; [2,?]", "Float32 [2,4]")]
    [InlineData("BitShift direction=LEFT : UInt8[3] ; UInt8[1]", "UInt8 [3]")]
    public void Shapes_broadcast_and_symbols_survive(string node, string expected) => Assert.Equal(expected, NodeLine.Infer(node));

    [Theory]
    [InlineData("Add : Int64[3]=N,2,? ; Int64[]=0", "Int64 [3] = [N,2,?]")]
    [InlineData("Add : Int64[2]=N,2 ; Int64[]=1", "Int64 [2] = [?,3]")]
    [InlineData("Mul : Int64[3]=N,2,? ; Int64[3]=1,5,0", "Int64 [3] = [N,10,0]")]
    [InlineData("Sub : Int64[2]=N,2 ; Int64[2]=N,5", "Int64 [2] = [0,-3]")]
    [InlineData("Div : Int64[4]=-7,7,N,1 ; Int64[4]=2,-2,1,0", "Int64 [4] = [-3,-3,N,?]")]
    [InlineData("Mod : Int64[4]=-7,7,7,6 ; Int64[4]=3,-3,3,-3", "Int64 [4] = [2,-2,1,0]")]
    [InlineData("Mod fmod=1 : Int64[2]=-7,7 ; Int64[2]=3,-3", "Int64 [2] = [-1,1]")]
    [InlineData("Add : UInt8[1]=255 ; UInt8[1]=1", "UInt8 [1] = [?]")]
    [InlineData("Abs : Int8[2]=-128,-5", "Int8 [2] = [?,5]")]
    [InlineData("Mul : Int64[1]=9223372036854775807 ; Int64[1]=2", "Int64 [1] = [?]")]
    [InlineData("Neg : Int64[1]=-9223372036854775808", "Int64 [1] = [?]")]
    [InlineData("Equal : Int64[4]=N,N,N,3 ; Int64[4]=N,-1,3,3", "Bool [4] = [1,0,?,1]")]
    [InlineData("Max : Int64[2]=N,2 ; Int64[2]=N,7 ; Int64[]=1", "Int64 [2] = [?,7]")]
    [InlineData("Where : Bool[3]=1,0,? ; Int64[1]=1 ; Int64[3]=N,M,1", "Int64 [3] = [1,M,1]")]
    [InlineData("And : Bool[2]=0,1 ; Bool[2]=?,?", "Bool [2] = [0,?]")]
    [InlineData("Or : Bool[2]=0,1 ; Bool[2]=?,?", "Bool [2] = [?,1]")]
    [InlineData("Not : Bool[3]=0,1,?", "Bool [3] = [1,0,?]")]
    [InlineData("Mul : Int64[2,1]=2,3 ; Int64[2]=5,7", "Int64 [2,2] = [10,14,15,21]")]
    [InlineData("Clip : Int32[3]=-5,3,9 ; Int32[]=0 ; Int32[]=5", "Int32 [3] = [0,3,5]")]
    public void Small_integers_are_followed_and_never_guessed(string node, string expected) => Assert.Equal(expected, NodeLine.Infer(node));

    [Theory]
    [InlineData("Add : [2] ; [3]", "cannot be broadcast")]
    [InlineData("Add : [2] ; Int64[2]", "should have one element type")]
    [InlineData("Mod : [2] ; [2]", "fmod = 1")]
    [InlineData("Where : [2] ; [2] ; [2]", "the condition should be bool")]
    [InlineData("Clip : [2] ; [2]", "min should be a scalar")]
    [InlineData("PRelu : [N,8,H,W] ; [7,1,1]", "cannot be stretched")]
    [InlineData("BitShift direction=UP : UInt8[3] ; UInt8[1]", "neither LEFT nor RIGHT")]
    [InlineData("BitShift : UInt8[3] ; UInt8[1]", "lacks the attribute 'direction'")]
    [InlineData("Gelu approximate=erf : [2]", "neither none nor tanh")]
    public void What_does_not_fit_is_refused(string node, string reason) => Assert.Contains(reason, NodeLine.Refuse(node), StringComparison.Ordinal);
}
