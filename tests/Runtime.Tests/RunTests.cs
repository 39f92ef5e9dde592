using System.Numerics;
using Anneal.Onnx;

namespace Anneal.Runtime.Tests;

/// <summary>Tensors in, tensors out: every element type, every kind of shape, with and without the caller's own memory.</summary>
public sealed class RunTests
{
    public static TheoryData<DType, NamedTensor> EveryType() => new()
    {
        { DType.Float32, NamedTensor.Create<float>("x", new[] { 1f, float.NaN, -0f }, 3) },
        { DType.Double, NamedTensor.Create<double>("x", new[] { 1.0, double.MaxValue, -0.0 }, 3) },
        { DType.Float16, NamedTensor.Create<Half>("x", new[] { (Half)1, Half.Epsilon, Half.NegativeInfinity }, 3) },
        { DType.BFloat16, NamedTensor.Create<ushort>("x", DType.BFloat16, new ushort[] { 0x3F80, 0xBF80, 0x7F80 }, 3) },
        { DType.Int8, NamedTensor.Create<sbyte>("x", new sbyte[] { -128, 0, 127 }, 3) },
        { DType.UInt8, NamedTensor.Create<byte>("x", new byte[] { 0, 1, 255 }, 3) },
        { DType.Int16, NamedTensor.Create<short>("x", new short[] { short.MinValue, 0, 1 }, 3) },
        { DType.UInt16, NamedTensor.Create<ushort>("x", new ushort[] { 0, 1, ushort.MaxValue }, 3) },
        { DType.Int32, NamedTensor.Create<int>("x", new[] { int.MinValue, 0, 1 }, 3) },
        { DType.UInt32, NamedTensor.Create<uint>("x", new[] { 0u, 1u, uint.MaxValue }, 3) },
        { DType.Int64, NamedTensor.Create<long>("x", new[] { long.MinValue, 0, 1 }, 3) },
        { DType.UInt64, NamedTensor.Create<ulong>("x", new[] { 0ul, 1ul, ulong.MaxValue }, 3) },
        { DType.Bool, NamedTensor.Create<bool>("x", new[] { true, false, true }, 3) },
        { DType.String, NamedTensor.Create<string>("x", new[] { "", "grey fox", "größer 狐" }, 3) },
    };

    [Theory]
    [MemberData(nameof(EveryType))]
    public void Every_element_type_goes_in_and_comes_out(DType dtype, NamedTensor x)
    {
        using var session = Open(new TinyModel(opset: 21, irVersion: 10).Input("x", dtype, "n").Output("y", dtype, "n").Node("Identity", ["x"], ["y"]));

        var y = Assert.Single(session.Run([x]));
        var mine = NamedTensor.Allocate("y", dtype, 3);
        session.Run([x], [mine]);

        Assert.Equal(dtype, y.DType);
        Assert.Equal(BytesOf(x), BytesOf(y));
        Assert.Equal(BytesOf(x), BytesOf(mine));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(0)]
    public void One_session_takes_batches_of_any_size(int batch)
    {
        using var session = Open(Doubler());
        var x = Enumerable.Range(0, batch * 2).Select(i => (float)i).ToArray();

        var y = Assert.Single(session.Run([NamedTensor.Create<float>("x", x, batch, 2)]));

        Assert.Equal([batch, 2], y.Shape.ToArray());
        Assert.Equal(x.Select(v => v * 2), y.As<float>().ToArray());
    }

    [Fact]
    public void Memory_of_the_callers_is_filled_in_place_even_inside_a_larger_array()
    {
        using var session = Open(Doubler());
        float[] x = [9, 1, 2, 3, 4, 9];
        float[] y = [7, 7, 7, 7, 7, 7];

        session.Run([NamedTensor.Create<float>("x", x.AsMemory(1, 4), 2, 2)], [NamedTensor.Create<float>("y", y.AsMemory(1, 4), 2, 2)]);

        Assert.Equal([7, 2, 4, 6, 8, 7], y);
        Assert.Equal([9, 1, 2, 3, 4, 9], x);
    }

    [Fact]
    public void Inputs_go_by_name_and_a_part_of_the_outputs_may_be_asked_for()
    {
        using var session = Open(new TinyModel()
            .Input("a", DType.Float32, 1).Input("b", DType.Float32, 1).Output("sum", DType.Float32, 1).Output("difference", DType.Float32, 1)
            .Node("Add", ["a", "b"], ["sum"]).Node("Sub", ["a", "b"], ["difference"]));
        var b = NamedTensor.Create<float>("b", new[] { 2f }, 1);
        var a = NamedTensor.Create<float>("a", new[] { 5f }, 1);
        float[] difference = [0];

        session.Run([b, a], [NamedTensor.Create<float>("difference", difference, 1)]);
        var all = session.Run([b, a]);

        Assert.Equal(3, difference[0]);
        Assert.Equal(["sum", "difference"], all.Select(tensor => tensor.Name));
        Assert.Equal([7, 3], all.Select(tensor => tensor.As<float>().Span[0]));
    }

    [Fact]
    public void Outputs_that_are_inputs_or_constants_reach_the_callers_memory_too()
    {
        using var session = Open(new TinyModel()
            .Input("x", DType.Float32, 2).Initializer("w", [5, 6], 2)
            .Output("x", DType.Float32, 2).Output("w", DType.Float32, 2).Output("y", DType.Float32, 2).Node("Add", ["x", "w"], ["y"]));
        float[] x = [1, 2], sameX = new float[2], w = new float[2], y = new float[2];

        session.Run(
            [NamedTensor.Create<float>("x", x, 2)],
            [NamedTensor.Create<float>("x", sameX, 2), NamedTensor.Create<float>("w", w, 2), NamedTensor.Create<float>("y", y, 2)]);

        Assert.Equal([1, 2], sameX);
        Assert.Equal([5, 6], w);
        Assert.Equal([6, 8], y);
        Assert.Equal([[1, 2], [5, 6], [6, 8]], session.Run([NamedTensor.Create<float>("x", x, 2)]).Select(tensor => tensor.As<float>().ToArray()));
    }

    [Theory]
    [InlineData("Identity")]
    [InlineData("Flatten")]
    [InlineData("Dropout")]
    [InlineData("Squeeze")]
    [InlineData("Relu")]
    public void Nodes_that_hand_their_input_on_write_into_the_callers_memory(string op)
    {
        using var session = Open(new TinyModel()
            .Input("x", DType.Float32, 2, 3).Initializer("w", [1, 2, 3, 4, 5, 6], 2, 3)
            .Output("fromInput", DType.Float32, 2, 3).Output("fromNode", DType.Float32, 2, 3).Output("fromConstant", DType.Float32, 2, 3)
            .Node("Add", ["x", "w"], ["sum"])
            .Node(op, ["x"], ["fromInput"]).Node(op, ["sum"], ["fromNode"]).Node(op, ["w"], ["fromConstant"]));
        float[] x = [10, 20, 30, 40, 50, 60];
        float[][] y = [new float[6], new float[6], new float[6]];

        session.Run(
            [NamedTensor.Create<float>("x", x, 2, 3)],
            [.. session.Outputs.Select((output, i) => NamedTensor.Create<float>(output.Name, y[i], 2, 3))]);

        Assert.Equal([10, 20, 30, 40, 50, 60], y[0]);
        Assert.Equal([11, 22, 33, 44, 55, 66], y[1]);
        Assert.Equal([1, 2, 3, 4, 5, 6], y[2]);
    }

    [Fact]
    public void A_scalar_has_no_extents_and_a_model_may_have_no_inputs()
    {
        using var session = Open(new TinyModel().Initializer("w", [4]).Output("y", DType.Float32).Node("Neg", ["w"], ["y"]));

        var y = Assert.Single(session.Run([]));

        Assert.Empty(y.Shape.ToArray());
        Assert.Equal([-4], y.As<float>().ToArray());
    }

    [Fact]
    public void Text_can_be_longer_than_any_buffer_and_null_counts_as_empty()
    {
        using var session = Open(new TinyModel().Input("x", DType.String, "n").Output("y", DType.String, "n").Node("Identity", ["x"], ["y"]));
        string[] x = [new('狐', 100_000), null!];
        string[] y = new string[2];

        session.Run([NamedTensor.Create<string>("x", x, 2)], [NamedTensor.Create<string>("y", y, 2)]);

        Assert.Equal([x[0], ""], y);
    }

    [Fact]
    public void What_a_model_declares_can_be_read()
    {
        using var session = Open(new TinyModel()
            .Input("data", DType.Float32, "N", 3, "height", 224).Output("y", DType.Float32, "N", 3, "height", 224).Node("Relu", ["data"], ["y"])
            .Metadata("labels", "fox"));

        var input = Assert.Single(session.Inputs);
        Assert.Equal([-1, 3, -1, 224], input.Shape);
        Assert.Equal(["N", null, "height", null], input.Symbols);
        Assert.Equal("data: Float32 [N,3,height,224]", input.ToString());
        Assert.Equal("fox", session.Metadata["labels"]);
        Assert.Equal("ort", session.Engine);
        Assert.Equal(Device.Cpu, session.Device);
        Assert.Null(session.Placement);
    }

    [Fact]
    public void Bytes_in_the_middle_of_an_array_are_a_model_too()
    {
        var bytes = Doubler().ToBytes();
        var padded = new byte[bytes.Length + 20];
        bytes.CopyTo(padded, 10);

        using var session = new OrtEngine().Open(ModelSource.FromBytes(padded.AsMemory(10, bytes.Length)), new() { Device = Device.Cpu });

        Assert.Equal("x", session.Inputs[0].Name);
    }

    [Fact]
    public void A_model_built_in_memory_opens()
    {
        var model = OnnxFile.Parse(Doubler().ToBytes());
        var source = ModelSource.FromModel(model);

        using var session = new OrtEngine().Open(source, new() { Device = Device.Cpu });

        Assert.Equal([2, 4], session.Run([NamedTensor.Create("x", new[] { 1f, 2f }, 1, 2)])[0].As<float>().ToArray());
    }

    [Fact]
    public void Warm_up_runs_on_zeros_and_says_so_where_it_cannot()
    {
        using var warm = Open(Doubler(), new() { Device = Device.Cpu, WarmUpRuns = 2 });
        using var cold = Open(
            new TinyModel().Input("x", DType.Float32, 1, "width").Output("y", DType.Float32, 1, "width").Node("Relu", ["x"], ["y"]),
            new() { Device = Device.Cpu, WarmUpRuns = 2 });

        Assert.Empty(warm.Notices);
        Assert.Contains("x: Float32 [1,width]", Assert.Single(cold.Notices), StringComparison.Ordinal);
    }

    private static TinyModel Doubler() =>
        new TinyModel().Input("x", DType.Float32, "N", 2).Output("y", DType.Float32, "N", 2).Node("Add", ["x", "x"], ["y"]);

    private static IModelSession Open(TinyModel model, EngineOptions? options = null) =>
        new OrtEngine().Open(ModelSource.FromBytes(model.ToBytes()), options ?? new() { Device = Device.Cpu });

    private static object[] BytesOf(NamedTensor tensor) => tensor.DType switch
    {
        DType.Float32 => Boxed<float>(tensor),
        DType.Double => Boxed<double>(tensor),
        DType.Float16 => Boxed<Half>(tensor),
        DType.Int8 => Boxed<sbyte>(tensor),
        DType.Int16 => Boxed<short>(tensor),
        DType.UInt16 or DType.BFloat16 => Boxed<ushort>(tensor),
        DType.Int32 => Boxed<int>(tensor),
        DType.UInt32 => Boxed<uint>(tensor),
        DType.Int64 => Boxed<long>(tensor),
        DType.UInt64 => Boxed<ulong>(tensor),
        DType.Bool => Boxed<bool>(tensor),
        DType.String => Boxed<string>(tensor),
        DType.Complex128 => Boxed<Complex>(tensor),
        _ => Boxed<byte>(tensor),
    };

    private static object[] Boxed<T>(NamedTensor tensor) => [.. tensor.As<T>().ToArray().Cast<object>()];
}
