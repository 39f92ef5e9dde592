using Anneal.Onnx.Passes;

namespace Anneal.Onnx.Tests.Passes;

public sealed class FuseActivationTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-5;

    private const string Conv = "x: [2,3,6,6]; w = [4,3,3,3]; c = [4]; h = Conv(x, w, c) strides=[2,2] pads=[1,1,1,1]; ";

    public static TheoryData<string, string> Fused => new()
    {
        // Rule 1.
        { Conv + "y = Relu(h)", "y = com.microsoft.FusedConv(x, w, c) strides=[2,2] pads=[1,1,1,1] activation=Relu" },
        { Conv + "y = Sigmoid(h)", "y = com.microsoft.FusedConv(x, w, c) strides=[2,2] pads=[1,1,1,1] activation=Sigmoid" },
        { Conv + "y = Tanh(h)", "y = com.microsoft.FusedConv(x, w, c) strides=[2,2] pads=[1,1,1,1] activation=Tanh" },
        { Conv + "y = LeakyRelu(h)", "y = com.microsoft.FusedConv(x, w, c) strides=[2,2] pads=[1,1,1,1] activation=LeakyRelu activation_params=[0.01]" },
        { Conv + "y = LeakyRelu(h) alpha=0.25", "y = com.microsoft.FusedConv(x, w, c) strides=[2,2] pads=[1,1,1,1] activation=LeakyRelu activation_params=[0.25]" },
        { Conv + "y = HardSigmoid(h) alpha=0.25", "y = com.microsoft.FusedConv(x, w, c) strides=[2,2] pads=[1,1,1,1] activation=HardSigmoid activation_params=[0.25,0.5]" },
        { Conv + "v = []; y = Clip(h, -, v)", "y = com.microsoft.FusedConv(x, w, c) strides=[2,2] pads=[1,1,1,1] activation=Clip activation_params=[-340282300000000000000000000000000000000.0,1.190571]" },
        { "x: [2,3,6]; w = [4,3,3]; h = Conv(x, w); y = Relu(h)", "y = com.microsoft.FusedConv(x, w) activation=Relu" },
        { "x: [1,2,4,4,4]; w = [4,1,2,2,2]; h = Conv(x, w) group=2; g = Relu(h); y = Neg(g)", "g = com.microsoft.FusedConv(x, w) group=2 activation=Relu; y = Neg(g)" },
        // Rule 2.
        { "z: [2,4,3,3]; " + Conv + "g = Add(h, z); y = Relu(g)", "y = com.microsoft.FusedConv(x, w, c, z) strides=[2,2] pads=[1,1,1,1] activation=Relu" },
        { "z: [2,4,4,4]; x: [2,3,6,6]; w = [4,3,3,3]; h = Conv(x, w); g = Add(z, h); y = LeakyRelu(g)", "y = com.microsoft.FusedConv(x, w, -, z) activation=LeakyRelu activation_params=[0.01]" },
        {
            "x: [N,4,6,6]; w = [4,4,3,3]; u = [4,4,1,1]; h = Conv(x, w) pads=[1,1,1,1]; g = Add(h, x); f = Relu(g); a = Conv(f, w) pads=[1,1,1,1]; b = Conv(f, u); d = Add(a, b); y = Relu(d)",
            "f = com.microsoft.FusedConv(x, w, -, x) pads=[1,1,1,1] activation=Relu; b = Conv(f, u); y = com.microsoft.FusedConv(f, w, -, b) pads=[1,1,1,1] activation=Relu"
        },
    };

    public static TheoryData<string> Untouched =>
    [
        Conv + "-> h; y = Relu(h)",
        Conv + "g = Relu(h); y = Mul(g, h)",
        Conv + "y = Elu(h)",
        "u: []; " + Conv + "y = Clip(h, -, u)",
        // The addend would be stretched, or nobody knows whether it would.
        "z: [4,1,1]; " + Conv + "g = Add(h, z); y = Relu(g)",
        "z: [K,4,3,3]; " + Conv + "g = Add(h, z); y = Relu(g)",
        Conv + "g = Add(h, h); y = Relu(g)",
        "x: Float16[2,3,6,6]; w = Float16[4,3,3,3]; h = Conv(x, w); y = Relu(h)",
    ];

    [Theory]
    [MemberData(nameof(Fused))]
    public void A_convolution_and_its_activation_become_one_node(string before, string after)
    {
        var model = RowGraph.Parse(before);
        var inputs = OrtNumbers.Inputs(model, batch: 2);
        var expected = OrtNumbers.Run(model, inputs);
        Assert.True(new FuseActivation(FusionTarget.OnnxRuntimeCpu).Run(model));

        Assert.Equal(after, RowGraph.Nodes(model));
        Assert.Equal(1, model.OperatorSets["com.microsoft"]);
        var difference = OrtNumbers.Difference(expected, OrtNumbers.Run(model, inputs));
        output.WriteLine($"{difference:g2}");
        Assert.InRange(difference, 0, Tolerance);
        Assert.All(model.Graph.Initializers, constant => Assert.False(constant.IsUnused));
        Assert.False(new FuseActivation(FusionTarget.OnnxRuntimeCpu).Run(model));
    }

    [Theory]
    [MemberData(nameof(Untouched))]
    public void What_the_fused_operator_cannot_do_stays_as_it_is(string row)
    {
        var model = RowGraph.Parse(row);
        var before = OnnxFile.ToBytes(model);
        Assert.False(new FuseActivation(FusionTarget.OnnxRuntimeCpu).Run(model));
        Assert.Equal(before, OnnxFile.ToBytes(model));
    }

    [Fact]
    public void A_target_that_is_not_named_gets_ONNX_operators_only() => Assert.False(new FuseActivation().Run(RowGraph.Parse(Conv + "y = Relu(h)")));

    [Fact]
    public void The_bounds_of_a_Clip_of_old_are_attributes()
    {
        var model = RowGraph.Parse(Conv + "y = Clip(h) min=-0.5 max=0.5", operatorSet: 10);
        Assert.True(new FuseActivation(FusionTarget.OnnxRuntimeCpu).Run(model));
        Assert.Equal("y = com.microsoft.FusedConv(x, w, c) strides=[2,2] pads=[1,1,1,1] activation=Clip activation_params=[-0.5,0.5]", RowGraph.Nodes(model));
    }
}
