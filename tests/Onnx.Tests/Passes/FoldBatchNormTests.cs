using Anneal.Onnx.Passes;

namespace Anneal.Onnx.Tests.Passes;

public sealed class FoldBatchNormTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-5;

    private const string Norm4 = "s = [4]; b = [4]; m = [4]; v = [4]; ";

    public static TheoryData<string, string> Folded => new()
    {
        // Rule 1.
        { "x: [2,3,7,7]; w = [4,3,3,3]; " + Norm4 + "h = Conv(x, w) pads=[1,1,1,1]; y = BatchNormalization(h, s, b, m, v)", "y = Conv(x, w, w_bias) pads=[1,1,1,1]" },
        { "x: [2,3,7,7]; conv.weight = [4,3,3,3]; " + Norm4 + "h = Conv(x, conv.weight); y = BatchNormalization(h, s, b, m, v) epsilon=0.1", "y = Conv(x, conv.weight, conv.bias)" },
        { "x: [2,3,7,7]; w = [4,3,3,3]; c = [4]; " + Norm4 + "h = Conv(x, w, c) strides=[2,2]; g = BatchNormalization(h, s, b, m, v); y = Relu(g)", "h = Conv(x, w, c) strides=[2,2]; y = Relu(h)" },
        { "x: [2,4,9]; w = [4,2,3]; " + Norm4 + "h = Conv(x, w) group=2; y = BatchNormalization(h, s, b, m, v)", "y = Conv(x, w, w_bias) group=2" },
        { "x: [1,2,5,5,5]; w = [4,2,2,2,2]; " + Norm4 + "h = Conv(x, w); y = BatchNormalization(h, s, b, m, v)", "y = Conv(x, w, w_bias)" },
        { "x: [2,4,5,5]; w = [4,1,3,3]; " + Norm4 + "h = Conv(x, w) group=4; y = BatchNormalization(h, s, b, m, v)", "y = Conv(x, w, w_bias) group=4" },
        { "x: [2,6,5,5]; w = [6,2,3,3]; c = [4]; " + Norm4 + "h = ConvTranspose(x, w, c) group=2 strides=[2,2]; y = BatchNormalization(h, s, b, m, v)", "y = ConvTranspose(x, w, c) group=2 strides=[2,2]" },
        { "x: [2,3,5]; w = [3,4,2]; " + Norm4 + "h = ConvTranspose(x, w); y = BatchNormalization(h, s, b, m, v)", "y = ConvTranspose(x, w, w_bias)" },
        { "x: [2,3]; w = [4,3]; c = [4]; " + Norm4 + "h = Gemm(x, w, c) transB=1 alpha=0.5 beta=2.5; y = BatchNormalization(h, s, b, m, v)", "y = Gemm(x, w, c) transB=1 alpha=0.5" },
        { "x: [3,2]; w = [3,4]; c = [1,4]; " + Norm4 + "h = Gemm(x, w, c) transA=1; y = BatchNormalization(h, s, b, m, v)", "y = Gemm(x, w, c) transA=1" },
        { "x: [2,3]; w = [3,4]; c = [1]; " + Norm4 + "h = Gemm(x, w, c) beta=3.0; y = BatchNormalization(h, s, b, m, v)", "y = Gemm(x, w, c)" },
        { "x: [2,3]; w = [3,4]; " + Norm4 + "h = Gemm(x, w) alpha=2.0; y = BatchNormalization(h, s, b, m, v)", "y = Gemm(x, w, w_bias) alpha=2.0" },
        { "x: [2,3]; w = [3,4]; c = [4]; " + Norm4 + "h = MatMul(x, w); g = Add(h, c); y = BatchNormalization(g, s, b, m, v)", "h = MatMul(x, w); y = Add(h, c)" },
        { "x: [2,3]; w = [3,4]; c = [1,4]; " + Norm4 + "h = MatMul(x, w); g = Add(c, h); y = BatchNormalization(g, s, b, m, v)", "h = MatMul(x, w); y = Add(c, h)" },
        { "x: [2,3]; w = [3,4]; " + Norm4 + "h = MatMul(x, w); y = BatchNormalization(h, s, b, m, v)", "h = MatMul(x, w); y = Add(h, w_bias)" },
        // Rule 2.
        { "x: [2,3,7,7]; w = [4,3,3,3]; k = [4,1,1]; h = Conv(x, w); y = Mul(h, k)", "y = Conv(x, w)" },
        { "x: [2,3,7,7]; w = [4,3,3,3]; k = [1,4,1,1]; h = Conv(x, w); y = Add(k, h)", "y = Conv(x, w, w_bias)" },
        { "x: [2,3,7,7]; w = [4,3,3,3]; k = [4,1,1]; v = []; c = [4]; h = Conv(x, w, c); g = Sub(k, h); y = Div(g, v)", "y = Conv(x, w, c)" },
        { "x: [2,3,7,7]; w = [4,3,3,3]; k = [4,1,1]; t = [4,1,1]; " + Norm4 + "h = Conv(x, w); g = BatchNormalization(h, s, b, m, v); f = Mul(g, k); y = Add(f, t)", "y = Conv(x, w, w_bias)" },
        { "x: [2,5,3]; w = [3,4]; k = [4]; c = [4]; h = MatMul(x, w); g = Add(h, c); y = Mul(g, k)", "h = MatMul(x, w); y = Add(h, c)" },
        { "x: [2,5,3]; w = [3,4]; k = [1,1,4]; h = MatMul(x, w); y = Mul(h, k)", "y = MatMul(x, w)" },
        { "x: [2,3]; w = [3,4]; k = [4]; c = [4]; h = Gemm(x, w, c); y = Sub(h, k)", "y = Gemm(x, w, c)" },
        // Rule 3.
        { "x: [2,4,7,7]; w = [3,4,3,3]; " + Norm4 + "h = BatchNormalization(x, s, b, m, v); y = Conv(h, w) strides=[2,2] pads=[0,0,0,0]", "y = Conv(x, w, w_bias) strides=[2,2] pads=[0,0,0,0]" },
        { "x: [2,4,7,7]; w = [6,2,3,3]; c = [6]; " + Norm4 + "h = BatchNormalization(x, s, b, m, v); y = Conv(h, w, c) group=2 auto_pad=VALID", "y = Conv(x, w, c) group=2 auto_pad=VALID" },
        { "x: [2,4]; w = [3,4]; c = [3]; " + Norm4 + "h = BatchNormalization(x, s, b, m, v); y = Gemm(h, w, c) transB=1 alpha=0.5 beta=2.5", "y = Gemm(x, w, c) transB=1 alpha=0.5" },
        { "x: [2,4]; w = [4,3]; " + Norm4 + "h = BatchNormalization(x, s, b, m, v); y = Gemm(h, w) alpha=0.5", "y = Gemm(x, w, w_bias) alpha=0.5" },
        // Weights that two nodes use are not scaled twice.
        {
            "x: [2,3,7,7]; w = [4,3,3,3]; c = [4]; " + Norm4 + "h = Conv(x, w, c); g = BatchNormalization(h, s, b, m, v); i = Conv(x, w, c); j = BatchNormalization(i, m, b, s, v); y = Add(g, j)",
            "h = Conv(x, w_folded, w_bias); i = Conv(x, w, c); y = Add(h, i)"
        },
    };

    public static TheoryData<string> Untouched =>
    [
        // Something else sees the value between.
        "x: [2,3,7,7]; w = [4,3,3,3]; " + Norm4 + "h = Conv(x, w); -> h; y = BatchNormalization(h, s, b, m, v)",
        "x: [2,3,7,7]; w = [4,3,3,3]; " + Norm4 + "h = Conv(x, w); g = BatchNormalization(h, s, b, m, v); y = Add(g, h)",
        // Parameters that are no constants.
        "x: [2,3,7,7]; w: [4,3,3,3]; " + Norm4 + "h = Conv(x, w); y = BatchNormalization(h, s, b, m, v)",
        "x: [2,3,7,7]; w = [4,3,3,3]; c: [4]; " + Norm4 + "h = Conv(x, w, c); y = BatchNormalization(h, s, b, m, v)",
        "x: [2,3,7,7]; w = [4,3,3,3]; s: [4]; b = [4]; m = [4]; v = [4]; h = Conv(x, w); y = BatchNormalization(h, s, b, m, v)",
        // The batch's own mean and variance.
        "x: [2,3,7,7]; w = [4,3,3,3]; " + Norm4 + "h = Conv(x, w); y, p, q = BatchNormalization(h, s, b, m, v) training_mode=1",
        // Constants along other axes than the channels, or that make the value larger.
        "x: [2,3,6,6]; w = [4,3,3,3]; k = [4]; h = Conv(x, w); y = Mul(h, k)",
        "x: [2,3,6,6]; w = [4,3,3,3]; k = [4,1]; h = Conv(x, w); y = Mul(h, k)",
        "x: [2,3,6,6]; w = [4,3,3,3]; k = [1,1,1,1,1]; h = Conv(x, w); y = Mul(h, k)",
        "x: [2,3,6,6]; w = [1,3,3,3]; k = [4,1,1]; h = Conv(x, w); y = Mul(h, k)",
        "x: [2,3,6,6]; w = [4,3,3,3]; k = [2,1,1,1]; h = Conv(x, w); y = Mul(h, k)",
        "x: [2,3]; w = [3,4]; k = [2,1]; h = Gemm(x, w); y = Mul(h, k)",
        "x: [2,3]; w = [3,4]; c = [2,1]; k = [4]; h = Gemm(x, w, c); y = Mul(h, k)",
        "x: [2,3]; w = [3,4]; c = [2,4]; k = [4]; h = Gemm(x, w, c); y = Mul(h, k)",
        // BatchNormalization takes axis 1 of a product, whose columns are axis 2.
        "x: [2,4,3]; w = [3,4]; " + Norm4 + "h = MatMul(x, w); y = BatchNormalization(h, s, b, m, v)",
        // A border that is zero after the normalisation.
        "x: [2,4,7,7]; w = [3,4,3,3]; " + Norm4 + "h = BatchNormalization(x, s, b, m, v); y = Conv(h, w) pads=[0,0,1,0]",
        "x: [2,4,7,7]; w = [3,4,3,3]; " + Norm4 + "h = BatchNormalization(x, s, b, m, v); y = Conv(h, w) auto_pad=SAME_UPPER",
        "x: [2,4,7,7]; w = [4,3,3,3]; " + Norm4 + "h = BatchNormalization(x, s, b, m, v); y = ConvTranspose(h, w)",
        "x: [4,2]; w = [4,3]; s = [2]; b = [2]; m = [2]; v = [2]; h = BatchNormalization(x, s, b, m, v); y = Gemm(h, w) transA=1",
        // Division by a value, and a power of a value, are no maps of channels.
        "x: [2,3,6,6]; w = [4,3,3,3]; k = [4,1,1]; h = Conv(x, w); y = Div(k, h)",
    ];

    [Theory]
    [MemberData(nameof(Folded))]
    public void What_is_done_to_each_channel_alone_goes_into_the_weights(string before, string after)
    {
        var model = RowGraph.Parse(before);
        var inputs = OrtNumbers.Inputs(model);
        var expected = OrtNumbers.Run(model, inputs);
        Assert.True(new FoldBatchNorm().Run(model));

        Assert.Equal(after, RowGraph.Nodes(model));
        var difference = OrtNumbers.Difference(expected, OrtNumbers.Run(model, inputs));
        output.WriteLine($"{difference:g2}");
        Assert.InRange(difference, 0, Tolerance);
        Assert.All(model.Graph.Initializers, constant => Assert.False(constant.IsUnused));
        Assert.False(new FoldBatchNorm().Run(model));
    }

    [Theory]
    [MemberData(nameof(Untouched))]
    public void What_cannot_be_folded_exactly_stays_as_it_is(string row)
    {
        var model = RowGraph.Parse(row);
        var before = OnnxFile.ToBytes(model);
        Assert.False(new FoldBatchNorm().Run(model));
        Assert.Equal(before, OnnxFile.ToBytes(model));
    }

    [Theory]
    [InlineData(DType.Double)]
    [InlineData(DType.Float16)]
    [InlineData(DType.BFloat16)]
    public void Weights_keep_their_type_and_are_rounded_once(DType dtype)
    {
        var model = RowGraph.Parse($"x: {dtype}[1,3,4,4]; w = {dtype}[4,3,1,1]; s = {dtype}[4]; b = {dtype}[4]; m = {dtype}[4]; v = {dtype}[4]; h = Conv(x, w); y = BatchNormalization(h, s, b, m, v)");
        var (w, s, b, m, v) = (Doubles("w"), Doubles("s"), Doubles("b"), Doubles("m"), Doubles("v"));
        Assert.True(new FoldBatchNorm().Run(model));

        double[] scale = [.. s.Select((factor, c) => factor / Math.Sqrt(v[c] + 1e-5f))];
        Assert.Equal(Rounded([.. w.Select((weight, i) => weight * scale[i / 3])]), Doubles("w"));
        Assert.Equal(Rounded([.. b.Select((bias, c) => bias - (m[c] * scale[c]))]), Doubles("w_bias"));
        Assert.Equal((dtype, dtype), (model.Graph.Find("w")!.Initializer!.DType, model.Graph.Find("w_bias")!.Initializer!.DType));

        double[] Doubles(string name) => model.Graph.Find(name)!.Initializer!.ToDoubles();
        double[] Rounded(double[] numbers) => Array.ConvertAll(numbers, number => dtype switch
        {
            DType.Double => number,
            DType.Float16 => (double)(Half)number,
            _ => NearestBFloat16(number),
        });
    }

    [Theory]
    [InlineData(1.00390625, 1)]                       // half way: to the even neighbour
    [InlineData(1.00390625 + 1e-12, 1.0078125)]       // above half way by less than a float can tell
    [InlineData(-1.00390625 - 1e-12, -1.0078125)]
    [InlineData(1.01171875 - 1e-12, 1.0078125)]       // below half way by less than a float can tell
    public void Rounding_to_bfloat16_is_not_done_twice(double number, double expected) =>
        Assert.Equal([expected], RealTensor.Round("", DType.BFloat16, [1], [number])!.ToDoubles());

    [Fact]
    public void Numbers_that_would_overflow_are_left_alone()
    {
        var model = RowGraph.Parse("x: Float16[1,1,4,4]; w = Float16[1,1,1,1]; s = Float16[1]; b = Float16[1]; m = Float16[1]; v = Float16[1]; h = Conv(x, w); y = BatchNormalization(h, s, b, m, v)");
        model.Graph.SetInitializer(model.Graph.Find("s")!, TensorData.Create("s", [(Half)65000f], 1));
        model.Graph.SetInitializer(model.Graph.Find("v")!, TensorData.Create("v", [(Half)0f], 1));
        Assert.False(new FoldBatchNorm().Run(model));
        Assert.Equal(2, model.Graph.Nodes.Count);
    }

    [Fact]
    public void A_convolution_in_a_branch_is_folded_and_the_weights_around_it_stay()
    {
        var model = RowGraph.Parse("c: Bool[]; x: [1,3,5,5]; w = [4,3,3,3]; " + Norm4 + "a = Conv(x, w); y = If(c); -> y; a ->");
        foreach (var (name, branch) in new[] { ("then_branch", "then"), ("else_branch", "else") })
        {
            var graph = model.Graph.Nodes[1].AddSubgraph(name, branch);
            var conv = graph.AddNode("Conv", [model.Graph.Find("x"), model.Graph.Find("w")], [branch + "_h"]);
            var norm = graph.AddNode("BatchNormalization", [conv.Outputs[0], .. new[] { "s", "b", "m", "v" }.Select(model.Graph.Find)], [branch + "_y"]);
            graph.AddOutput(norm.Outputs[0]!);
        }
        Assert.True(new FoldBatchNorm().Run(model));
        Assert.All(model.Graph.Nodes[1].Subgraphs, branch => Assert.Equal("Conv", Assert.Single(branch.Nodes).OpType));
        Assert.Equal(RowGraph.Numbers("w", 108), model.Graph.Find("w")!.Initializer!.As<float>());
    }

    [Fact]
    public void A_model_of_an_operator_set_with_another_meaning_stays_as_it_is() =>
        Assert.False(new FoldBatchNorm().Run(RowGraph.Parse("x: [2,3,7,7]; w = [4,3,3,3]; " + Norm4 + "h = Conv(x, w); y = BatchNormalization(h, s, b, m, v)", 6)));

    /// <summary>By search among all positive ones, to share no arithmetic with what is tested.</summary>
    private static double NearestBFloat16(double number)
    {
        var (low, high) = (0, 0x7F7F);
        while (high - low > 1)
            (low, high) = SmallFloats.FromBFloat16((ushort)((low + high) / 2)) <= Math.Abs(number) ? ((low + high) / 2, high) : (low, (low + high) / 2);
        var (below, above) = ((double)SmallFloats.FromBFloat16((ushort)low), (double)SmallFloats.FromBFloat16((ushort)high));
        var isAbove = Math.Abs(number) - below > above - Math.Abs(number) || (Math.Abs(number) - below == above - Math.Abs(number) && low % 2 == 1);
        return Math.Sign(number) * (isAbove ? above : below);
    }
}
