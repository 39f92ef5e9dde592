namespace Anneal.Onnx.Tests;

public sealed class ElementTypeTests
{
    [Fact]
    public void Every_narrow_type_widens_as_the_conformance_vectors_say()
    {
        var seen = new HashSet<DType>();
        foreach (var folder in Directory.EnumerateDirectories(TestData.Require("onnx-backend", "node"), "test_cast*_to_FLOAT"))
        {
            var input = TensorFile.Load(Path.Combine(folder, "test_data_set_0", "input_0.pb"));
            if (input.DType == DType.String)
                continue;
            var expected = TensorFile.Load(Path.Combine(folder, "test_data_set_0", "output_0.pb")).As<float>();
            Assert.Equal(expected.ToArray(), input.ToFloats());
            seen.Add(input.DType);
        }
        Assert.Superset(new HashSet<DType>
        {
            DType.Float16, DType.BFloat16, DType.Float8E4M3FN, DType.Float8E4M3FNUZ, DType.Float8E5M2, DType.Float8E5M2FNUZ, DType.Float8E8M0,
            DType.Float4E2M1, DType.Int4, DType.UInt4, DType.Int2, DType.UInt2, DType.Double,
        }, seen);
    }

    [Fact]
    public void Every_test_vector_is_saved_byte_for_byte()
    {
        var count = 0;
        foreach (var path in Directory.EnumerateFiles(TestData.Require("onnx-backend", "node"), "*put_*.pb", SearchOption.AllDirectories))
        {
            var bytes = File.ReadAllBytes(path);
            // Vectors of sequences and optionals are other messages, which this library has no use for.
            if (path.Contains("sequence", StringComparison.Ordinal) || path.Contains("optional", StringComparison.Ordinal) || path.Contains("_seq", StringComparison.Ordinal) || path.Contains("string_split", StringComparison.Ordinal) || path.Contains("loop16", StringComparison.Ordinal))
                continue;
            Assert.Equal(bytes, TensorFile.ToBytes(TensorFile.Parse(bytes)));
            count++;
        }
        Assert.InRange(count, 3000, int.MaxValue);
    }

    [Theory]
    [InlineData(DType.Float8E4M3FN, 0x7E, 448f)]
    [InlineData(DType.Float8E4M3FN, 0x01, 0.001953125f)]
    [InlineData(DType.Float8E4M3FN, 0xFF, float.NaN)]
    [InlineData(DType.Float8E4M3FNUZ, 0x7F, 240f)]
    [InlineData(DType.Float8E4M3FNUZ, 0x80, float.NaN)]
    [InlineData(DType.Float8E5M2, 0x7B, 57344f)]
    [InlineData(DType.Float8E5M2, 0xFC, float.NegativeInfinity)]
    [InlineData(DType.Float8E5M2, 0x7D, float.NaN)]
    [InlineData(DType.Float8E5M2FNUZ, 0x7F, 57344f)]
    [InlineData(DType.Float8E8M0, 0x00, 5.877472E-39f)]
    [InlineData(DType.Float8E8M0, 0x7F, 1f)]
    [InlineData(DType.Float8E8M0, 0xFF, float.NaN)]
    public void The_corners_of_the_8_bit_floats_are_those_of_their_papers(DType type, byte bits, float expected) =>
        Assert.Equal(expected, SmallFloats.FromFloat8(type, bits));

    [Theory]
    [InlineData(1f, 0x3F80)]
    [InlineData(1.00390625f, 0x3F80)]
    [InlineData(1.01171875f, 0x3F82)]
    [InlineData(float.PositiveInfinity, 0x7F80)]
    [InlineData(float.MaxValue, 0x7F80)]
    public void Rounding_to_bfloat16_takes_ties_to_even(float value, ushort expected)
    {
        Assert.Equal(expected, SmallFloats.ToBFloat16(value));
        Assert.True(float.IsNaN(SmallFloats.FromBFloat16(SmallFloats.ToBFloat16(float.NaN))));
    }

    [Fact]
    public void Elements_are_the_callers_memory_and_come_back_without_a_copy()
    {
        float[] elements = [1, 2, 3];
        var tensor = TensorData.Create("w", elements, 3);
        Assert.True(System.Runtime.CompilerServices.Unsafe.AreSame(ref elements[0], ref System.Runtime.InteropServices.MemoryMarshal.GetReference(tensor.As<float>())));
        Assert.True(tensor.AsMemory<float>().Span == tensor.As<float>());
        using var pin = tensor.AsMemory<float>().Pin();
        Assert.Throws<ShapeMismatchException>(() => { _ = tensor.As<int>(); });
        Assert.Throws<ShapeMismatchException>(() => TensorData.Create("w", elements, 4));
    }

    [Fact]
    public void Strings_survive_even_when_they_are_no_text()
    {
        byte[] odd = [0xFF, (byte)'a', 0xC3, 0xED, 0xA0, 0x80];
        var text = Wire.WireText.Decode(odd);
        Assert.Equal(odd, Wire.WireText.Encode(text).ToByteArray());
        Assert.Equal(["é", "", "𝄞"], TensorFile.Parse(TensorFile.ToBytes(TensorData.FromStrings("s", ["é", "", "𝄞"], 3))).Strings);
    }

    [Fact]
    public void Elements_written_one_by_one_instead_of_packed_are_read()
    {
        byte[] unpacked = [8, 2, 16, 6, 0x28, 5, 0x28, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0xF8, 7, 1];
        var tensor = TensorFile.Parse(unpacked);
        Assert.Equal([5, -1], tensor.As<int>());
        Assert.True(tensor.HasUnknownFields);
        Assert.Equal([5, -1], TensorFile.Parse(TensorFile.ToBytes(tensor)).As<int>());
    }
}
