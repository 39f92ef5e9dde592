namespace Anneal.Onnx.Tests.Passes;

public sealed class GraphTextTests
{
    [Fact]
    public void A_graph_is_printed_as_it_was_read()
    {
        const string Text = """
            x: Float32[N,4]
            c: Bool[]
            s: Int64[2] = Int64[2]{0,-1}
            w = Float32[2,2]{1,2.5,3,4}
            big = Float32[300]{0.5…}
            h: Float32[N,?] = Relu(x) 'first'
            a, - = Split(h, -, s) axis=1 alpha=1.0 perm=[1,0] scales=[0.5,2.0] mode=edge value=Int64[1]{3} k=@k
            y = If(c)
              then_branch:
                t = com.microsoft.Gelu(x)
                -> t
              else_branch:
                e = Neg(h)
                -> e
            -> y: Float32[N,4], a
            """;

        Assert.Equal(Text, GraphText.Print(GraphText.Parse(Text), types: true));
    }
}
