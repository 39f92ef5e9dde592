using Anneal.Onnx.Passes;

namespace Anneal.Onnx.Tests.Passes;

/// <summary>The passes that make a graph smaller and compute nothing new, each on what it was written for and on what it must leave.</summary>
public sealed class CleaningTests
{
    public static TheoryData<string, string> Dropped => new()
    {
        { "x: [N,4]; h = Identity(x); y = Relu(h)", "y = Relu(x)" },
        { "x: [N,4]; h = Relu(x); y = Identity(h)", "y = Relu(x)" },
        { "x: [N,4]; h = Dropout(x); y = Relu(h)", "y = Relu(x)" },
        { "x: [N,4]; h = Cast(x) to=1; y = Relu(h)", "y = Relu(x)" },
        { "x: [N,4,5]; h = Transpose(x) perm=[0,1,2]; y = Relu(h)", "y = Relu(x)" },
        { "x: [2,4]; s = {2,4}; h = Reshape(x, s); y = Relu(h)", "y = Relu(x)" },
        { "x: [N,4]; h = Flatten(x); y = Relu(h)", "y = Relu(x)" },
        { "x: [2,4]; s = {1,1}; h = Tile(x, s); y = Relu(h)", "y = Relu(x)" },
        { "x: [2,4]; p = {0,0,0,0}; h = Pad(x, p); y = Relu(h)", "y = Relu(x)" },
        { "x: [2,4]; a = {0}; b = {9}; h = Slice(x, a, b); y = Relu(h)", "y = Relu(x)" },
        { "x: [N,4]; h = Concat(x) axis=1; y = Relu(h)", "y = Relu(x)" },
        { "x: [N,4]; h = Sum(x); y = Relu(h)", "y = Relu(x)" },
        { "x: [N,4]; k = Float32[]{1}; h = Mul(x, k); y = Relu(h)", "y = Relu(x)" },
        { "x: [N,4]; k = Float32[]{0}; h = Sub(x, k); y = Relu(h)", "y = Relu(x)" },
    };

    public static TheoryData<string> Left =>
    [
        // An input cannot take the name of an output.
        "x: [N,4]; y = Identity(x)",
        // -0 + 0 is 0.
        "x: [N,4]; k = Float32[]{0}; h = Add(x, k); y = Relu(h)",
        "x: [N,4]; k = Float32[]{-0}; h = Sub(x, k); y = Relu(h)",
        "x: [N,1]; k = Float32[1,4]{1…}; h = Mul(x, k); y = Relu(h)",
        "x: [N,4]; h = Cast(x) to=11; y = Relu(h)",
        "x: [4,4]; h = Transpose(x) perm=[1,0]; y = Relu(h)",
        "x: [N,?]; s = {0,-1}; h = Reshape(x, s); y = Relu(h)",
        "x: [2,4]; p = {1,0,-1,0}; h = Pad(x, p); y = Relu(h)",
        "x: [2,4]; a = {-1}; b = {-9}; c = {0}; d = {-1}; h = Slice(x, a, b, c, d); y = Relu(h)",
        "x: [N,4]; r = Float32[]{0.5}; t = Bool[]{true}; h = Dropout(x, r, t); y = Relu(h)",
    ];

    public static TheoryData<string, string> Folded => new()
    {
        // Rule 1.
        { "x: [N,4]; k = Constant() value=Float32[4,1]{1,2,3,4}; h = MatMul(x, k); y = Relu(h)", "h = MatMul(x, k); y = Relu(h)" },
        // Rule 2.
        { "x: [2,4]; s = Shape(x); h = Reshape(x, s); y = Relu(h)", "h = Reshape(x, s); y = Relu(h)" },
        // Rule 3.
        { "x: [N,4]; w = [3,4]; t = Transpose(w) perm=[1,0]; y = MatMul(x, t)", "y = MatMul(x, t)" },
        { "x: [N,4]; w = [4,3]; c = Concat(w, w) axis=1; y = MatMul(x, c)", "y = MatMul(x, c)" },
        // Rule 5.
        { "x: [N,4,5]; s = Shape(x); i = {0}; n = Gather(s, i); m = {-1}; c = Concat(n, m) axis=0; y = Reshape(x, c)", "s = Shape(x); n = Gather(s, i); c = Concat(n, m) axis=0; y = Reshape(x, c_known)" },
    };

    [Theory, MemberData(nameof(Dropped))]
    public void What_does_nothing_goes(string before, string after) => Rewrites(new DropIdentity(), before, after);

    [Theory, MemberData(nameof(Left))]
    public void What_does_something_stays(string row)
    {
        var model = RowGraph.Parse(row);
        var nodes = RowGraph.Nodes(model);
        Assert.False(new DropIdentity().Run(model));
        Assert.Equal(nodes, RowGraph.Nodes(model));
    }

    [Theory, MemberData(nameof(Folded))]
    public void What_is_known_beforehand_becomes_a_constant(string before, string after) => Rewrites(new FoldConstants(), before, after);

    [Fact]
    public void No_constant_of_more_than_a_mebibyte_is_made()
    {
        var model = RowGraph.Parse("x: [N,4]; s = {1024,257}; c = ConstantOfShape(s); h = Expand(c, s); y = Relu(h)");
        Assert.False(new FoldConstants().Run(model));
    }

    private static void Rewrites(IPass pass, string before, string after)
    {
        var model = RowGraph.Parse(before);
        Assert.True(pass.Run(model));
        Assert.Equal(after, RowGraph.Nodes(model));
        Assert.False(pass.Run(model));
    }
}
