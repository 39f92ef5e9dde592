using Anneal.Onnx;
using Anneal.Onnx.Ops;
using static Anneal.Training.Tests.Input;

namespace Anneal.Training.Tests;

/// <summary>Quantised and integer operators.</summary>
public static partial class OpCases
{
    private const string Slope = "rounding has no slope";
    private const string Integers = "integers, which have no gradient";

    /// <summary>The rows in which ONNX Runtime must agree to the bit.</summary>
    internal static IEnumerable<OpCase> Quantised() => [.. Quantisers(), .. Ranges(), .. Dequantisers(), .. IntegerProducts(), .. QuantisedProducts()];

    private static IEnumerable<OpCase> Quantisers()
    {
        foreach (var (name, op, inputs) in new (string, QuantizeLinear, Input[])[]
        {
            ("to uint8 by default", new(), [Fixed([3, 50], -4, 4), Given([0.017f])]),
            ("to uint8", new(), [Fixed([3, 50], -4, 4), Given([0.017f]), Given([(byte)131])]),
            ("to int8 by rows", new(), [Fixed([2, 3, 40], -4, 4), Given([0.02f, 0.03f, 0.05f], 3), Given(new sbyte[] { 3, -7, 0 }, 3)]),
            ("to int8 by the first axis", new() { Axis = -3 }, [Fixed([2, 3, 40], -4, 4), Given([0.02f, 0.03f], 2), Given(new sbyte[] { 3, -7 }, 2)]),
            ("to int16", new(), [Fixed([200], -4, 4), Given([0.0001f]), Given(new short[] { -12 })]),
            ("to uint16", new(), [Fixed([200], -4, 4), Given([0.0001f]), Given(new ushort[] { 32767 })]),
            ("to a stated type", new() { OutputDtype = DType.Int8 }, [Fixed([40], -4, 4), Given([0.02f])]),
            ("by blocks", new() { BlockSize = 2 }, [Fixed([2, 5, 3], -4, 4), Fixed([2, 3, 3], 0.02, 0.05), Given(UInt8s(18), 2, 3, 3)]),
            ("of halves and of what is out of range", new(),
                [Given([0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 1e9f, -1e9f, 127.5f, 126.5f, float.PositiveInfinity, float.NegativeInfinity], 11), Given([1f]), Given(new sbyte[] { 1 })]),
        })
            yield return new($"QuantizeLinear {name}", op, inputs) { Tolerance = 0, NoGradient = "integers", Refusal = Slope };
    }

    private static IEnumerable<OpCase> Ranges()
    {
        foreach (var (name, x) in new[]
        {
            ("around 0", Fixed([3, 50], -4, 3)), ("above 0", Fixed([3, 50], 1, 3)), ("below 0", Fixed([3, 50], -3, -1)), ("of zeros", Fixed([2, 3], 0, 0)),
        })
            yield return new($"DynamicQuantizeLinear {name}", new DynamicQuantizeLinear(), x) { Outputs = 3, Tolerance = 0, NoGradient = "integers", Refusal = Slope };
    }

    private static IEnumerable<OpCase> Dequantisers()
    {
        foreach (var (name, op, inputs) in new (string, DequantizeLinear, Input[])[]
        {
            ("of uint8", new(), [Given(UInt8s(60), 3, 20), Given([0.017f]), Given([(byte)131])]),
            ("of int8 without a zero point", new(), [Given(Int8s(60), 3, 20), Given([0.017f])]),
            ("of int8 by rows", new(), [Given(Int8s(60), 2, 3, 10), Given([0.02f, 0.03f, 0.05f], 3), Given(new sbyte[] { 3, -7, 0 }, 3)]),
            ("of int16", new() { Axis = -1 }, [Given(new short[] { -32768, 5, 32767 }, 3), Given([0.0001f]), Given(new short[] { -12 })]),
            ("of uint16", new(), [Given(new ushort[] { 0, 65535, 1000 }, 3), Given([0.3f]), Given(new ushort[] { 32767 })]),
            ("of int32", new(), [Given([int.MinValue, 5, 123456789], 3), Given([0.3f])]),
            ("by blocks", new() { Axis = 0, BlockSize = 3 }, [Given(UInt8s(20), 5, 4), Fixed([2, 4], 0.02, 0.05), Given(UInt8s(8), 2, 4)]),
        })
            yield return new($"DequantizeLinear {name}", op, inputs) { NoGradient = "integers", Refusal = Integers };
    }

    private static IEnumerable<OpCase> IntegerProducts()
    {
        foreach (var (name, inputs) in new (string, Input[])[]
        {
            ("of uint8", [Given(UInt8s(12), 3, 4), Given(UInt8s(20), 4, 5)]),
            ("of uint8 and int8 with zero points", [Given(UInt8s(66), 2, 33), Given(Int8s(33 * 17), 33, 17), Given([(byte)120]), Given(new sbyte[] { -3 })]),
            ("of int8", [Given(Int8s(12), 3, 4), Given(Int8s(20), 4, 5), Given(new sbyte[] { 5 }), Given(new sbyte[] { -9 })]),
            ("with zero points of columns", [Given(UInt8s(12), 3, 4), Given(UInt8s(20), 4, 5), Given([(byte)120]), Given(UInt8s(5), 5)]),
            ("of stacks", [Given(UInt8s(24), 2, 3, 4), Given(UInt8s(20), 4, 5), Given([(byte)7])]),
            ("whose sums are beyond float32", [Given(UInt8s(3000), 2, 1500), Given(UInt8s(3000), 1500, 2)]),
        })
            yield return new($"MatMulInteger {name}", new MatMulInteger(), inputs) { Tolerance = 0, NoGradient = "integers" };
        foreach (var (name, window, group, x, w) in new (string, Window, long, int[], int[])[]
        {
            ("3×3 with pads", new() { Pads = [1, 1, 1, 1] }, 1, [2, 3, 7, 6], [5, 3, 3, 3]),
            ("1×1", new(), 1, [2, 6, 5, 5], [9, 6, 1, 1]),
            ("1×1 with stride 2 and pads", new() { Strides = [2, 2], Pads = [1, 1, 1, 1] }, 1, [1, 3, 3, 3], [2, 3, 1, 1]),
            ("stride 2", new() { Strides = [2, 2], AutoPad = "SAME_UPPER" }, 1, [1, 3, 9, 8], [4, 3, 3, 3]),
            ("groups", new() { Pads = [1, 0, 1, 0] }, 2, [1, 4, 6, 6], [6, 2, 3, 3]),
            ("depthwise", new() { Pads = [1, 1, 1, 1], Dilations = [1, 2] }, 4, [1, 4, 6, 7], [4, 1, 3, 3]),
            ("whose sums are beyond float32", new(), 1, [1, 200, 4, 4], [2, 200, 3, 3]),
        })
            yield return new($"ConvInteger {name}", new ConvInteger { Window = window, Group = group },
                Given(UInt8s(Product(x)), x), Given(UInt8s(Product(w)), w), Given([(byte)119]), Given([(byte)140]))
            { Tolerance = 0, NoGradient = "integers" };
        yield return new("ConvInteger without zero points", new ConvInteger(), Given(UInt8s(48), 1, 3, 4, 4), Given(UInt8s(54), 2, 3, 3, 3)) { Tolerance = 0, NoGradient = "integers" };
    }

    private static IEnumerable<OpCase> QuantisedProducts()
    {
        Input scale = Given([0.013f]), fine = Given([0.0071f]), coarse = Given([0.9f]);
        foreach (var (name, op, inputs) in new (string, Op, Input[])[]
        {
            ("QLinearMatMul of uint8", new QLinearMatMul(), [Given(UInt8s(12), 3, 4), scale, Given([(byte)120]), Given(UInt8s(20), 4, 5), fine, Given([(byte)128]), coarse, Given([(byte)77])]),
            ("QLinearMatMul of int8", new QLinearMatMul(), [Given(Int8s(24), 2, 3, 4), scale, Given(new sbyte[] { 3 }), Given(Int8s(20), 4, 5), fine, Given(new sbyte[] { 0 }), Given([0.1f]), Given(new sbyte[] { -5 })]),
            ("QLinearMatMul by columns", new QLinearMatMul(), [Given(UInt8s(12), 3, 4), scale, Given([(byte)120]), Given(Int8s(20), 4, 5), Given([0.01f, 0.02f, 0.03f, 0.04f, 0.05f], 5), Given(new sbyte[5], 5), coarse, Given([(byte)77])]),
            ("QLinearConv of uint8", new QLinearConv { Window = new() { Pads = [1, 1, 1, 1], Strides = [2, 1] } },
                [Given(UInt8s(144), 1, 4, 6, 6), scale, Given([(byte)120]), Given(UInt8s(108), 3, 4, 3, 3), fine, Given([(byte)128]), coarse, Given([(byte)77])]),
            ("QLinearConv by channels with a bias", new QLinearConv { Window = new() { Pads = [1, 1, 1, 1] }, Group = 2 },
                [Given(UInt8s(288), 2, 4, 6, 6), scale, Given([(byte)120]), Given(Int8s(72), 4, 2, 3, 3), Given([0.01f, 0.02f, 0.03f, 0.04f], 4), Given(new sbyte[4], 4), coarse, Given([(byte)77]), Given([100, -200, 3000, 4], 4)]),
            ("QLinearConv of int8", new QLinearConv(),
                [Given(Int8s(48), 1, 3, 4, 4), scale, Given(new sbyte[] { 4 }), Given(Int8s(54), 2, 3, 3, 3), fine, Given(new sbyte[] { 0 }), coarse, Given(new sbyte[] { -2 })]),
        })
            yield return new(name, op, inputs) { Tolerance = 0, NoGradient = "integers", Refusal = Integers };
    }

    /// <summary>Numbers spread over the whole range.</summary>
    private static byte[] UInt8s(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)((i * 157) + (i / 3 * 89) + 31))];

    /// <summary>Numbers in -63 to 63: what ONNX Runtime multiplies with uint8 exactly on any processor, see its notes on U8S8.</summary>
    private static sbyte[] Int8s(int count) => Array.ConvertAll(UInt8s(count), number => (sbyte)((number % 127) - 63));

    private static int Product(int[] extents) => extents.Aggregate(1, (product, extent) => product * extent);
}
