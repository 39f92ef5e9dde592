using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;

namespace Anneal.Training.Tests;

/// <summary>Conversions to element types that no runtime at hand gives out: each code against what it decodes to.</summary>
public sealed class CastTests
{
    private static readonly DType[] Signed = [DType.Float8E4M3FN, DType.Float8E4M3FNUZ, DType.Float8E5M2, DType.Float8E5M2FNUZ];

    public static TheoryData<DType> Types => [.. Signed];

    [Theory, MemberData(nameof(Types))]
    public void Every_number_of_an_8_bit_float_becomes_its_own_code(DType type)
    {
        var format = SmallFloatFormat.Of(type);
        for (var code = 0; code < 256; code++)
            if (SmallFloats.FromFloat8(type, (byte)code) is var number && !float.IsNaN(number))
                Assert.Equal(code, format.Encode(number, saturate: false));
    }

    [Theory, MemberData(nameof(Types))]
    public void What_lies_between_two_8_bit_floats_becomes_the_nearer_and_halfway_the_even_one(DType type)
    {
        var format = SmallFloatFormat.Of(type);
        for (var code = 0; code < format.Greatest; code++)
        {
            double below = SmallFloats.FromFloat8(type, (byte)code), above = SmallFloats.FromFloat8(type, (byte)(code + 1));
            var half = (below + above) / 2;
            Assert.Equal(code, format.Encode(double.BitDecrement(half), saturate: true));
            Assert.Equal(code + 1, format.Encode(double.BitIncrement(half), saturate: true));
            Assert.Equal(code + (code & 1), format.Encode(half, saturate: true));
        }
    }

    [Theory, MemberData(nameof(Types))]
    public void What_is_too_large_is_the_greatest_number_or_what_the_format_has_instead(DType type)
    {
        var greatest = SmallFloats.FromFloat8(type, SmallFloatFormat.Of(type).Greatest);
        float[] numbers = [greatest * 2, -greatest * 2, float.PositiveInfinity, float.NegativeInfinity, float.NaN];
        Assert.Equal([greatest, -greatest, greatest, -greatest, float.NaN], Through(type, true, numbers));
        var beyond = type == DType.Float8E5M2 ? float.PositiveInfinity : float.NaN;
        Assert.Equal([beyond, -beyond, beyond, -beyond, float.NaN], Through(type, false, numbers));
    }

    [Theory]
    [InlineData("up", new[] { 1f, 2, 4, 0.5f })]
    [InlineData("down", new[] { 1f, 1, 2, 0.25f })]
    [InlineData("nearest", new[] { 1f, 1, 4, 0.25f })]
    public void A_power_of_two_is_found_upwards_downwards_or_nearby(string mode, float[] expected)
    {
        var codes = Tensor.Apply(new Cast { To = DType.Float8E8M0, RoundMode = mode }, Tensor.From(1f, 1.4f, 3, 0.3f));
        Assert.Equal(expected, codes.To(DType.Float32).ToArray<float>());
    }

    [Fact]
    public void A_power_of_two_out_of_range_is_the_end_of_the_range_or_none()
    {
        float[] numbers = [0, float.PositiveInfinity, float.MaxValue, -1, float.NaN];
        var (least, greatest) = (MathF.ScaleB(1, -127), MathF.ScaleB(1, 127));
        Assert.Equal([least, greatest, greatest, float.NaN, float.NaN], Through(DType.Float8E8M0, true, numbers));
        Assert.Equal([float.NaN, float.NaN, float.NaN, float.NaN, float.NaN], Through(DType.Float8E8M0, false, numbers));
    }

    [Theory, InlineData(DType.Float16), InlineData(DType.BFloat16), InlineData(DType.Float8E4M3FN)]
    public void Other_floats_can_be_moved_and_converted_and_what_computes_says_so(DType type)
    {
        float[] numbers = [1, -2, 0.5f, 4];
        var x = Tensor.From(numbers, [2, 2]).To(type);
        Func<Tensor>[] computing = [() => x.Exp(), () => x + x, () => x.MatMul(x), () => x > x.Detach(), () => x.Relu(), () => x.Dropout(0.5, new Draws(1))];
        foreach (var compute in computing)
            Assert.Contains("Convert it with To first", Assert.Throws<ShapeMismatchException>(compute).Message, StringComparison.Ordinal);
        Assert.Equal([1, 0.5f, -2, 4], x.Transpose(1, 0).To(DType.Float32).ToArray<float>());
        Assert.Equal([0.5f, 4], x.Slice(0, 1, 2).To(DType.Float32).ToArray<float>());
        Assert.Equal([.. numbers, .. numbers], Tensor.Concat(0, x, x).To(DType.Float32).ToArray<float>());
        Assert.Equal(numbers, Tensor.Where(Tensor.From(true, false).Reshape(2, 1), x, x).To(DType.Float32).ToArray<float>());
    }

    private static float[] Through(DType type, bool saturate, float[] numbers) =>
        Tensor.Apply(new Cast { To = type, Saturate = saturate }, Tensor.From(numbers)).To(DType.Float32).ToArray<float>();
}
