using Anneal.Onnx;

namespace Anneal.Runtime.Tests;

/// <summary>Tensors that do not fit a model, and tensors that do not fit themselves.</summary>
public sealed class RefusalTests
{
    private static readonly TinyModel Adder = new TinyModel()
        .Input("a", DType.Float32, "N", 2).Input("b", DType.Float32, "N", 2).Output("y", DType.Float32, "N", 2).Output("z", DType.Float32, "N", 2)
        .Node("Add", ["a", "b"], ["y"]).Node("Sub", ["a", "b"], ["z"]);

    public static TheoryData<string, NamedTensor[], string> BadInputs() => new()
    {
        { "one missing", [Ones("a", 1, 2)], "lacks input 'b'" },
        { "all missing", [], "lacks input 'a'" },
        { "unknown", [Ones("a", 1, 2), Ones("c", 1, 2)], "has no input 'c'" },
        { "other case", [Ones("A", 1, 2), Ones("b", 1, 2)], "has no input 'A'" },
        { "twice", [Ones("a", 1, 2), Ones("a", 1, 2)], "was given input 'a' twice" },
        { "rank", [Ones("a", 2), Ones("b", 1, 2)], "takes 2 dimensions for input 'a', not 1" },
        { "extent", [Ones("a", 1, 3), Ones("b", 1, 2)], "takes an extent of 2 on axis 1 of input 'a', not 3" },
        { "type", [NamedTensor.Create<double>("a", new double[2], 1, 2), Ones("b", 1, 2)], "takes Float32 for input 'a', not Double" },
    };

    public static TheoryData<string, NamedTensor[], string> BadOutputs() => new()
    {
        { "none", [], "was asked for no output" },
        { "unknown", [Ones("x", 1, 2)], "has no output 'x'" },
        { "twice", [Ones("y", 1, 2), Ones("y", 1, 2)], "was given output 'y' twice" },
        { "extent", [Ones("y", 1, 4)], "takes an extent of 2 on axis 1 of output 'y', not 4" },
    };

    [Theory]
    [MemberData(nameof(BadInputs))]
    public void Inputs_that_do_not_fit_are_refused_with_what_was_expected_and_what_came(string why, NamedTensor[] inputs, string expected)
    {
        using var session = new OrtEngine().Open(ModelSource.FromBytes(Adder.ToBytes()), new() { Device = Device.Cpu });

        var error = Assert.Throws<ShapeMismatchException>(() => session.Run(inputs));

        Assert.True(error.Message.Contains(expected, StringComparison.Ordinal), $"{why}: {error.Message}");
        Assert.Contains("a: Float32 [N,2]; b: Float32 [N,2]", error.Message, StringComparison.Ordinal);
        foreach (var input in inputs)
            Assert.Contains(input.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BadOutputs))]
    public void Outputs_that_do_not_fit_are_refused_with_what_was_expected_and_what_came(string why, NamedTensor[] outputs, string expected)
    {
        using var session = new OrtEngine().Open(ModelSource.FromBytes(Adder.ToBytes()), new() { Device = Device.Cpu });

        var error = Assert.Throws<ShapeMismatchException>(() => session.Run([Ones("a", 1, 2), Ones("b", 1, 2)], outputs));

        Assert.True(error.Message.Contains(expected, StringComparison.Ordinal), $"{why}: {error.Message}");
        Assert.Contains("y: Float32 [N,2]; z: Float32 [N,2]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_of_another_size_than_the_output_that_only_a_run_can_tell_is_refused_and_the_session_goes_on()
    {
        var model = new TinyModel().Input("x", DType.Float32, "N").Output("y", DType.Int64, 1, "found").Node("NonZero", ["x"], ["y"]);
        using var session = new OrtEngine().Open(ModelSource.FromBytes(model.ToBytes()), new() { Device = Device.Cpu });
        var x = NamedTensor.Create<float>("x", new[] { 0f, 1f, 2f }, 3);

        var error = Assert.Throws<ShapeMismatchException>(() => session.Run([x], [NamedTensor.Allocate("y", DType.Int64, 1, 3)]));

        Assert.Contains("gives an output of another shape than the memory", error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2], session.Run([x])[0].As<long>().ToArray());
    }

    [Fact]
    public void A_run_that_fails_in_the_middle_names_the_node()
    {
        var model = new TinyModel().Input("x", DType.Float32, "N").Input("w", DType.Float32, "M").Output("y", DType.Float32, "K").Node("Add", ["x", "w"], ["y"], "the_sum");
        using var session = new OrtEngine().Open(ModelSource.FromBytes(model.ToBytes()), new() { Device = Device.Cpu });

        var error = Assert.ThrowsAny<AnnealException>(() => session.Run([Ones("x", 2), Ones("w", 3)]));

        Assert.Contains("the_sum", error.Message, StringComparison.Ordinal);
        Assert.Equal([2, 2], session.Run([Ones("x", 2), Ones("w", 2)])[0].As<float>().ToArray());
    }

    [Fact]
    public void A_tensor_that_contradicts_itself_is_refused()
    {
        Assert.Contains("needs 6 x Single, the memory has 5", Refused(() => NamedTensor.Create<float>("x", new float[5], 2, 3)), StringComparison.Ordinal);
        Assert.Contains("negative", Refused(() => NamedTensor.Create<float>("x", new float[1], -1, -1)), StringComparison.Ordinal);
        Assert.Contains("63 bits", Refused(() => NamedTensor.Create<float>("x", new float[1], long.MaxValue, 4)), StringComparison.Ordinal);
        Assert.Contains("needs 2 x Byte, the memory has 3", Refused(() => NamedTensor.Create<byte>("x", DType.Int4, new byte[3], 3)), StringComparison.Ordinal);
        Assert.Contains("carried by UInt16", Refused(() => NamedTensor.Create<Half>("x", DType.BFloat16, new Half[3], 3)), StringComparison.Ordinal);
        Assert.Contains("carried by Single, not by Double", Refused(() => Ones("x", 2).As<double>()), StringComparison.Ordinal);
        Assert.Contains("Guid stands for no ONNX element type", Refused(() => NamedTensor.Create<Guid>("x", new Guid[1], 1)), StringComparison.Ordinal);
        Assert.Contains("Complex64", Refused(() => NamedTensor.Create<float>("x", DType.Complex64, new float[2], 1)), StringComparison.Ordinal);
        Assert.Contains("larger than one array", Refused(() => NamedTensor.Allocate("x", DType.Float32, 1L << 40)), StringComparison.Ordinal);
    }

    private static string Refused(Action action) => Assert.ThrowsAny<AnnealException>(action).Message;

    private static string Refused(Func<object> action) => Assert.ThrowsAny<AnnealException>(action).Message;

    private static NamedTensor Ones(string name, params long[] shape)
    {
        var values = new float[shape.Aggregate(1L, (product, extent) => product * extent)];
        values.AsSpan().Fill(1);
        return NamedTensor.Create<float>(name, values, shape);
    }
}
