using System.Collections.Concurrent;
using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes;
using Anneal.Tests.Networks;

namespace Anneal.Onnx.Tests.Passes;

public sealed class FreeBatchTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-5;

    private const long LargestFile = 64 << 20;
    private const int LeastFreed = 8;

    // Networks with so many weights that three runs take longer than all others together.
    private static readonly string[] Large = ["light_vgg19.onnx", "light_zfnet512.onnx", "light_bvlc_alexnet.onnx"];

    private static readonly string[] Pictures = ["a", "b", "c"];

    public static TheoryData<string, string> Freed => new()
    {
        { "x: [1,3,8,8]; w = [4,3,3,3]; h = Conv(x, w); y = Relu(h)", "[N,4,6,6]" },
        { "x: [1,3,8,8]; s = [3]; b = [3]; m = [3]; v = [3]; h = BatchNormalization(x, s, b, m, v); g = GlobalAveragePool(h); y = Flatten(g)", "[N,3]" },
        { "x: [1,3,8,8]; h = MaxPool(x) kernel_shape=[2,2] strides=[2,2]; y = LRN(h) size=3", "[N,3,4,4]" },
        { "x: [1,12,4,4]; y = DepthToSpace(x) blocksize=2", "[N,3,8,8]" },
        // Reshape: 0 where the batch stays at its axis, -1 where it does not, nothing where it fits already.
        { "x: [1,3,4,4]; r = {1,48}; w = [48,5]; h = Reshape(x, r); y = Gemm(h, w)", "[N,5]" },
        { "x: [1,3,4,4]; r = {1,-1}; w = [48,5]; h = Reshape(x, r); y = MatMul(h, w)", "[N,5]" },
        { "x: [1,3,4,4]; r = {-1,48}; y = Reshape(x, r)", "[N,48]" },
        { "x: [1,3,4,4]; r = {0,-1}; y = Reshape(x, r)", "[N,48]" },
        { "x: [1,16]; r = {1,1,4,4}; y = Reshape(x, r)", "[N,1,4,4]" },
        { "x: [1,16]; r = {1,4,4}; y = Reshape(x, r) allowzero=1", "[N,4,4]" },
        { "x: [1,6,4]; r = {6,1,4}; t = Transpose(x) perm=[1,0,2]; h = Reshape(t, r); g = Neg(h); y = Transpose(g) perm=[1,0,2]", "[N,6,4]" },
        { "x: [1,6,4]; r = {2,3,1,4}; t = Transpose(x) perm=[1,0,2]; h = Reshape(t, r); y = Transpose(h) perm=[2,0,1,3]", "[N,2,3,4]" },
        { "x: [1,16]; r = {1,4,4}; h = Reshape(x, r); g = Reshape(x, r); y = Add(h, g)", "[N,4,4]" },
        // Shapes that are computed.
        { "x: [1,3,4,4]; i = Int64[]; n = {-1}; z = {0}; s = Shape(x); f = Gather(s, z); c = Concat(f, n) axis=0; y = Reshape(x, c)", "[N,48]" },
        { "x: [1,4]; t = [1,1,4]; z = {0}; n = {1,4}; u = {1}; s = Shape(x); f = Gather(s, z); d = Concat(f, n) axis=0; e = Expand(t, d); h = Unsqueeze(x, u); y = Concat(e, h) axis=1", "[N,2,4]" },
        { "x: [1,4]; n = {4}; s = Shape(x) start=0 end=1; d = Concat(s, n) axis=0; o = ConstantOfShape(d); y = Add(x, o)", "[N,4]" },
        { "x: [1,3,4]; s = Shape(x) start=1 end=2; c = Cast(s) to=1; y = Mul(x, c)", "[N,3,4]" },
        // Attention: the batch in stacks of matrices, from both sides.
        {
            "x: [1,6,8]; w = [8,8]; r = {1,6,2,4}; q = {1,6,8}; a = MatMul(x, w); b = Reshape(a, r); c = Transpose(b) perm=[0,2,1,3]; d = Transpose(b) perm=[0,2,3,1]; e = MatMul(c, d); f = Softmax(e); g = MatMul(f, c); h = Transpose(g) perm=[0,2,1,3]; y = Reshape(h, q)",
            "[N,6,8]"
        },
        { "x: [1,6]; w = [5,6]; h = Transpose(x); g = MatMul(w, h); y = Transpose(g)", "[N,5]" },
        { "x: [1,6]; w = [6]; r = {1,1}; h = MatMul(x, w); y = Reshape(h, r)", "[N,1]" },
        { "x = [6,4]; z: [1,6]; g = Gemm(z, x) alpha=2.0; y = Neg(g)", "[N,4]" },
        // Along other axes.
        { "x: [1,6,4]; a = {1}; k = {2}; h, i = TopK(x, k) axis=1; y = ReduceMean(h, a) keepdims=0", "[N,4]" },
        { "x: [1,6,4]; h = LogSoftmax(x) axis=1; i = ArgMax(h) axis=2 keepdims=0; y = Cast(i) to=1", "[N,6]" },
        { "x: [1,6,4]; s = [4]; b = [4]; y = LayerNormalization(x, s, b)", "[N,6,4]" },
        { "x: [1,6,4]; l = {2,4}; h, g = Split(x, l) axis=1; f = Concat(g, h) axis=1; y = Neg(f)", "[N,6,4]" },
        { "x: [1,6,4]; f = {0,1}; t = {9223372036854775807,3}; y = Slice(x, f, t)", "[N,2,4]" },
        { "x: [1,6,4]; i = Int64[]; y = Gather(x, i) axis=1", "[N,4]" },
        { "x: [1,3,4,4]; p = {0,0,1,1,0,0,1,1}; y = Pad(x, p)", "[N,3,6,6]" },
        { "x: [1,6,4]; k = [6,1]; y = PRelu(x, k)", "[N,6,4]" },
        { "x: [1,6,4]; k = [1,1,4]; b = Greater(x, k); h = Neg(x); y = Where(b, h, k)", "[N,6,4]" },
        { "x: [1,6,4]; t = {1,2,1}; y = Tile(x, t)", "[N,12,4]" },
        // An input that is the same for all pictures, and one that is another part of each.
        { "x: [1,6]; w: [6,5]; z: [1,5]; h = MatMul(x, w); y = Add(h, z)", "[N,5]" },
        { "x: [1,6]; w = [6,5]; c: [1,5]; y = Gemm(x, w, c)", "[N,5]" },
    };

    public static TheoryData<string, string> Refused => new()
    {
        { "x: [1,3,8,8]; s = [3]; b = [3]; m = [3]; v = [3]; y, p, q = BatchNormalization(x, s, b, m, v) training_mode=1", "BatchNormalization of 'y'" },
        { "x: [1,4,8]; r = {4,8}; y = Reshape(x, r)", "Reshape of 'y'" },
        { "x: [1,4,8]; r = {-1,8}; h = Reshape(x, r); y = Relu(h)", "Reshape of 'h'" },
        { "x: [1,4,8]; r = {2,2,8}; y = Reshape(x, r)", "Reshape of 'y'" },
        { "x: [1,4,8]; r = {-1}; y = Reshape(x, r)", "Reshape of 'y'" },
        { "x: [1,4]; r: Int64[2]; y = Reshape(x, r)", "Reshape of 'y'" },
        { "x: [1,6]; k = [5,1]; y = MatMul(k, x)", "MatMul of 'y'" },
        { "x: [1,6]; t = Transpose(x); y = MatMul(x, t)", "MatMul of 'y'" },
        { "x: [1,6]; w = [1,5]; y = Gemm(x, w) transA=1", "Gemm of 'y'" },
        { "x: [1,2,3]; w = [1,16,3]; r = [1,16,4]; y, h = LSTM(x, w, r) hidden_size=4", "LSTM of 'y'" },
        { "x: [1,4,8]; a = {0}; y = Squeeze(x, a)", "Squeeze of 'y'" },
        { "x: [1,4,8]; y = Squeeze(x)", "Squeeze of 'y'" },
        { "x: [1,4]; y = ArgMax(x)", "ArgMax of 'y'" },
        { "x: [1,4,8]; a = {0,2}; h = ReduceMean(x, a); y = Add(x, h)", "ReduceMean of 'h'" },
        { "x: [1,4,8]; h = ReduceMax(x); y = Sub(x, h)", "ReduceMax of 'h'" },
        { "x: [1,4,8]; y = Transpose(x) perm=[1,0,2]", "output 'y' of Transpose" },
        { "x: [1,4,8]; t = Transpose(x) perm=[1,0,2]; w = [4,3,1]; h = Conv(t, w)", "Conv of 'h'" },
        { "x: [1,1,8]; t = Transpose(x) perm=[1,0,2]; y = Add(x, t)", "Add of 'y'" },
        { "x: [1,4,8]; t = [1,1,8]; y = Concat(t, x) axis=1", "Concat of 'y'" },
        { "x: [1,4,8]; y = Concat(x, x) axis=0", "Concat of 'y'" },
        { "x: [1,8]; d = {1,8}; o = ConstantOfShape(d); y = Concat(o, x) axis=1", "Concat of 'y'" },
        { "x: [1,8]; k = [4,8]; y = Add(x, k)", "Add of 'y'" },
        { "x: [1,8]; t = {3,1}; y = Tile(x, t)", "Tile of 'y'" },
        { "x: [1,8]; i = {0}; y = Gather(x, i)", "Gather of 'y'" },
        { "x: [1,8]; f = {-1}; t = {9223372036854775807}; y = Slice(x, f, t)", "Slice of 'y'" },
        { "x: [1,8]; p = {1,0,-1,0}; y = Pad(x, p)", "Pad of 'y'" },
        { "x: [1,8]; y = Softmax(x) axis=0", "Softmax of 'y'" },
        { "x: [1,8]; a = {0}; y = CumSum(x, a)", "CumSum of 'y'" },
        { "x: [1,3,4,4]; y = MeanVarianceNormalization(x)", "MeanVarianceNormalization of 'y'" },
        { "x: [1,8]; y, s, z = DynamicQuantizeLinear(x)", "DynamicQuantizeLinear of 'y'" },
        { "x: [1,8]; z = {0}; s = Shape(x); g = Gather(s, z); c = Cast(g) to=1; y = Div(x, c)", "Div of 'y'" },
        { "x: [1,8]; n = Size(x); c = Cast(n) to=1; y = Div(x, c)", "Div of 'y'" },
        { "x: [1,8]; y = NonZero(x)", "NonZero of 'y'" },
        { "x: [1,3,4,4]; y, i = MaxPool(x) kernel_shape=[2,2]", "MaxPool of 'y'" },
        { "x: [1,8]; y = Custom(x)", "Custom of 'y'" },
        { "x: [1,8]; k = [1,8]; h = Neg(x); -> h; y = Neg(k)", "output 'y' of Neg" },
        { "x: [1,8]; z: [M,8]; y = Add(x, z)", "input 'z: Float32 [M,8]'" },
    };

    [Theory]
    [MemberData(nameof(Freed))]
    public void A_batch_gives_for_each_picture_what_it_gave_alone(string row, string shape)
    {
        var model = RowGraph.Parse(row);
        var single = Pictures.Select(seed => OrtNumbers.Run(model, Inputs(model, seed))).ToArray();
        var given = Pictures.Select(seed => Inputs(model, seed)).ToArray();
        Assert.True(new FreeBatch().Run(model));

        Assert.Equal(shape, GraphFacts.Infer(model.Graph, trustDeclared: false)[model.Graph.Outputs[0]].Shape!.ToString());
        var difference = OrtNumbers.Difference(Joined(single), OrtNumbers.Run(model, [.. model.Graph.Inputs.Select((input, i) => Batch(input, [.. given.Select(inputs => inputs[i])]))]));
        output.WriteLine($"{difference:g2}");
        Assert.InRange(difference, 0, Tolerance);
        Assert.False(new FreeBatch().Run(model));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_not_proven_is_refused_by_its_node_and_the_model_stays_as_it_is(string row, string named)
    {
        var model = RowGraph.Parse(row);
        var before = OnnxFile.ToBytes(model);
        var refusal = Assert.ThrowsAny<AnnealException>(() => new FreeBatch().Run(model));
        output.WriteLine(refusal.Message);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, OnnxFile.ToBytes(model));
    }

    [Fact]
    public void Whole_networks_give_for_each_picture_what_they_gave_alone()
    {
        string[] paths = [.. Directory.GetFiles(TestData.Require("onnx-backend", "light"), "*.onnx"), .. Directory.GetFiles(TestData.Require("models"), "*.onnx")];
        var outcomes = new ConcurrentDictionary<string, (double? Difference, string Text)>();
        Parallel.ForEach(paths.Where(path => new FileInfo(path).Length < LargestFile && !Large.Contains(Path.GetFileName(path))), new ParallelOptions { MaxDegreeOfParallelism = 2 },
            path => outcomes[Path.GetFileName(path)] = Free(path));

        foreach (var (name, outcome) in outcomes.OrderBy(outcome => outcome.Key, StringComparer.Ordinal))
            output.WriteLine($"{name,-42} {outcome.Text}");
        Assert.All(outcomes.Values, outcome => Assert.InRange(outcome.Difference ?? 0, 0, Tolerance));
        Assert.InRange(outcomes.Values.Count(outcome => outcome.Difference is not null), LeastFreed, int.MaxValue);
    }

    [Fact]
    public void Reshapes_and_stated_types_say_what_holds_for_any_batch()
    {
        var model = RowGraph.Parse("x: [1,3,4,4]; r = {1,-1}; t = Transpose(x) perm=[0,2,3,1]; y = Reshape(t, r)");
        model.Graph.Find("t")!.Type = new TensorType(DType.Float32, new(1, 4, 4, 3));
        model.Graph.Outputs[0].Type = new TensorType(DType.Float32, new(1, 48));
        Assert.True(new FreeBatch().Run(model));
        Assert.Equal([0, -1], model.Graph.Find("r")!.Initializer!.ToInt64s());
        Assert.Equal(["x: Float32 [N,3,4,4]", "t: Float32 [N,4,4,3]", "y: Float32 [N,48]"], new[] { "x", "t", "y" }.Select(name => model.Graph.Find(name)!.ToString()));
    }

    [Fact]
    public void A_symbol_that_stands_for_something_else_is_not_taken_for_the_batch()
    {
        var model = RowGraph.Parse("x: [1,N]; y = Relu(x)");
        Assert.True(new FreeBatch().Run(model));
        Assert.Equal("x: Float32 [N_1,N]", model.Graph.Inputs[0].ToString());
    }

    [Fact]
    public void A_model_whose_batch_is_open_already_stays_as_it_is() => Assert.False(new FreeBatch().Run(RowGraph.Parse("x: [M,4]; y = Relu(x)")));

    [Fact]
    public void A_model_with_operators_of_old_is_to_be_upgraded_first()
    {
        var refusal = Assert.Throws<AnnealException>(() => new FreeBatch().Run(RowGraph.Parse("x: [1,4]; y = Softmax(x)", operatorSet: 12)));
        Assert.Contains("Softmax of 'y'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Upgrade", refusal.Message, StringComparison.Ordinal);
    }

    private static (double? Difference, string Text) Free(string path)
    {
        var model = OnnxFile.Load(path);
        if (Path.GetFileName(path).StartsWith("light_", StringComparison.Ordinal))
            LightWeights.Fill(model, seed: 1);
        var single = Pictures.Select(seed => OrtNumbers.Run(model, Inputs(model, seed))).ToArray();
        new UpgradeOpset(UpgradeVectors.NewestOrtVersion).Run(model);
        try
        {
            if (!new FreeBatch().Run(model))
                return (null, "open already");
            var inputs = model.Graph.RequiredInputs.Select(input => Batch(input, [.. Pictures.Select(seed => OrtNumbers.Inputs(model, seed: seed).Single(given => given.Name == input.Name))])).ToArray();
            var difference = OrtNumbers.Difference(Joined(single), OrtNumbers.Run(model, inputs));
            return (difference, $"{difference:g2}");
        }
        catch (AnnealException refusal)
        {
            return (null, refusal.Message);
        }
    }

    /// <summary>Inputs of which one picture differs from another, and those that all share.</summary>
    private static TensorData[] Inputs(Model model, string seed) =>
        [.. OrtNumbers.Inputs(model, seed: seed).Zip(OrtNumbers.Inputs(model), (own, shared) => own.Dims[0] == 1 ? own : shared)];

    private static TensorData Batch(Value input, TensorData[] given)
    {
        if (given[0].Dims[0] != 1)
            return given[0];
        return RowGraph.Tensor(input.Name, given[0].DType, [.. given.SelectMany(tensor => tensor.ToFloats())], [given.Length, .. given[0].Dims[1..]]);
    }

    private static float[][] Joined(float[][][] runs) => [.. Enumerable.Range(0, runs[0].Length).Select(i => runs.SelectMany(run => run[i]).ToArray())];
}
