using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Anneal.Zoo.Images;

/// <summary>How wide the vectors of a kernel are.</summary>
internal enum SimdWidth
{
    /// <summary>No vectors: the plain loop that defines the result.</summary>
    Scalar,

    /// <summary>16 bytes.</summary>
    V128,

    /// <summary>32 bytes.</summary>
    V256,

    /// <summary>64 bytes.</summary>
    V512,
}

/// <summary>
/// The few vector operations that resampling is made of, so that each kernel is written once for all widths. A vector is seen as
/// lanes of 16 bytes: shuffling, zipping and packing stay inside a lane, as in AVX2 and AVX-512, and undo one another there.
/// Every operation has a form for machines without the instruction, so each width gives its result everywhere.
/// </summary>
internal unsafe interface ILanes<T> where T : unmanaged
{
    /// <summary>Bytes at <paramref name="p"/>.</summary>
    static abstract T Load(byte* p);

    /// <summary>Writes all bytes.</summary>
    static abstract void Store(T v, byte* p);

    /// <summary>Half a vector of bytes, each widened to 16 bits.</summary>
    static abstract T LoadWidened(byte* p);

    /// <summary>A 32-bit value in every place.</summary>
    static abstract T Repeat(int value);

    /// <summary>In each lane, 8 widened bytes of two 4-byte pixels a and b become a0 b0 a1 b1 a2 b2 a3 b3.</summary>
    static abstract T PairChannels(T v);

    /// <summary>In each lane, the low 8 bytes of <paramref name="a"/> and <paramref name="b"/> in turn.</summary>
    static abstract T ZipLow(T a, T b);

    /// <summary>In each lane, the high 8 bytes of <paramref name="a"/> and <paramref name="b"/> in turn.</summary>
    static abstract T ZipHigh(T a, T b);

    /// <summary>Products of 16-bit numbers, neighbours added to 32 bits.</summary>
    static abstract T MultiplyAddPairs(T a, T b);

    /// <summary>32-bit sums.</summary>
    static abstract T Add(T a, T b);

    /// <summary>32-bit shift to the left.</summary>
    static abstract T ShiftLeft(T v, int bits);

    /// <summary>32-bit shift to the right that keeps the sign.</summary>
    static abstract T ShiftRight(T v, int bits);

    /// <summary>In each lane, four 32-bit numbers of each as eight 16-bit ones, clipped.</summary>
    static abstract T PackShorts(T a, T b);

    /// <summary>In each lane, eight 16-bit numbers of each as sixteen bytes, clipped to 0 to 255.</summary>
    static abstract T PackBytes(T a, T b);

    /// <summary>The 32-bit sum of all lanes.</summary>
    static abstract Vector128<int> SumLanes(T v);
}

/// <summary>16 bytes at a time.</summary>
internal unsafe struct Lanes128 : ILanes<Vector128<byte>>
{
    // Places 0 1 8 9 2 3 10 11 and 4 5 12 13 6 7 14 15, as two numbers: a constant too long to write is a call too long to inline.
    internal const ulong PairsLow = 0x0B0A_0302_0908_0100, PairsHigh = 0x0F0E_0706_0D0C_0504;

    private static Vector128<byte> Pairs => Vector128.Create(PairsLow, PairsHigh).AsByte();

    public static Vector128<byte> Load(byte* p) => Vector128.Load(p);

    public static void Store(Vector128<byte> v, byte* p) => v.Store(p);

    public static Vector128<byte> LoadWidened(byte* p) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(p)).AsByte()).AsByte();

    public static Vector128<byte> Repeat(int value) => Vector128.Create(value).AsByte();

    public static Vector128<byte> PairChannels(Vector128<byte> v) => Vector128.Shuffle(v, Pairs);

    public static Vector128<byte> ZipLow(Vector128<byte> a, Vector128<byte> b) => Sse2.IsSupported
        ? Sse2.UnpackLow(a, b)
        : (Vector128.WidenLower(a) | (Vector128.WidenLower(b) << 8)).AsByte();

    public static Vector128<byte> ZipHigh(Vector128<byte> a, Vector128<byte> b) => Sse2.IsSupported
        ? Sse2.UnpackHigh(a, b)
        : (Vector128.WidenUpper(a) | (Vector128.WidenUpper(b) << 8)).AsByte();

    public static Vector128<byte> MultiplyAddPairs(Vector128<byte> a, Vector128<byte> b)
    {
        if (Sse2.IsSupported)
            return Sse2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()).AsByte();
        var even = ((a.AsInt32() << 16) >> 16) * ((b.AsInt32() << 16) >> 16);
        return (even + (a.AsInt32() >> 16) * (b.AsInt32() >> 16)).AsByte();
    }

    public static Vector128<byte> Add(Vector128<byte> a, Vector128<byte> b) => (a.AsInt32() + b.AsInt32()).AsByte();

    public static Vector128<byte> ShiftLeft(Vector128<byte> v, int bits) => (v.AsInt32() << bits).AsByte();

    public static Vector128<byte> ShiftRight(Vector128<byte> v, int bits) => (v.AsInt32() >> bits).AsByte();

    public static Vector128<byte> PackShorts(Vector128<byte> a, Vector128<byte> b) => Sse2.IsSupported
        ? Sse2.PackSignedSaturate(a.AsInt32(), b.AsInt32()).AsByte()
        : Vector128.NarrowWithSaturation(a.AsInt32(), b.AsInt32()).AsByte();

    public static Vector128<byte> PackBytes(Vector128<byte> a, Vector128<byte> b) => Sse2.IsSupported
        ? Sse2.PackUnsignedSaturate(a.AsInt16(), b.AsInt16())
        : Vector128.Narrow(Clip(a.AsInt16()), Clip(b.AsInt16()));

    public static Vector128<int> SumLanes(Vector128<byte> v) => v.AsInt32();

    private static Vector128<ushort> Clip(Vector128<short> v) =>
        Vector128.Clamp(v, Vector128<short>.Zero, Vector128.Create((short)255)).AsUInt16();
}

/// <summary>32 bytes at a time.</summary>
internal unsafe struct Lanes256 : ILanes<Vector256<byte>>
{
    private static Vector256<byte> Pairs =>
        Vector256.Create(Lanes128.PairsLow, Lanes128.PairsHigh, Lanes128.PairsLow, Lanes128.PairsHigh).AsByte();

    public static Vector256<byte> Load(byte* p) => Vector256.Load(p);

    public static void Store(Vector256<byte> v, byte* p) => v.Store(p);

    public static Vector256<byte> LoadWidened(byte* p) => Avx2.IsSupported
        ? Avx2.ConvertToVector256Int16(p).AsByte()
        : Both(Lanes128.LoadWidened(p), Lanes128.LoadWidened(p + 8));

    public static Vector256<byte> Repeat(int value) => Vector256.Create(value).AsByte();

    public static Vector256<byte> PairChannels(Vector256<byte> v) => Avx2.IsSupported
        ? Avx2.Shuffle(v, Pairs)
        : Both(Lanes128.PairChannels(v.GetLower()), Lanes128.PairChannels(v.GetUpper()));

    public static Vector256<byte> ZipLow(Vector256<byte> a, Vector256<byte> b) => Avx2.IsSupported
        ? Avx2.UnpackLow(a, b)
        : Both(Lanes128.ZipLow(a.GetLower(), b.GetLower()), Lanes128.ZipLow(a.GetUpper(), b.GetUpper()));

    public static Vector256<byte> ZipHigh(Vector256<byte> a, Vector256<byte> b) => Avx2.IsSupported
        ? Avx2.UnpackHigh(a, b)
        : Both(Lanes128.ZipHigh(a.GetLower(), b.GetLower()), Lanes128.ZipHigh(a.GetUpper(), b.GetUpper()));

    public static Vector256<byte> MultiplyAddPairs(Vector256<byte> a, Vector256<byte> b) => Avx2.IsSupported
        ? Avx2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()).AsByte()
        : Both(Lanes128.MultiplyAddPairs(a.GetLower(), b.GetLower()), Lanes128.MultiplyAddPairs(a.GetUpper(), b.GetUpper()));

    public static Vector256<byte> Add(Vector256<byte> a, Vector256<byte> b) => (a.AsInt32() + b.AsInt32()).AsByte();

    public static Vector256<byte> ShiftLeft(Vector256<byte> v, int bits) => (v.AsInt32() << bits).AsByte();

    public static Vector256<byte> ShiftRight(Vector256<byte> v, int bits) => (v.AsInt32() >> bits).AsByte();

    public static Vector256<byte> PackShorts(Vector256<byte> a, Vector256<byte> b) => Avx2.IsSupported
        ? Avx2.PackSignedSaturate(a.AsInt32(), b.AsInt32()).AsByte()
        : Both(Lanes128.PackShorts(a.GetLower(), b.GetLower()), Lanes128.PackShorts(a.GetUpper(), b.GetUpper()));

    public static Vector256<byte> PackBytes(Vector256<byte> a, Vector256<byte> b) => Avx2.IsSupported
        ? Avx2.PackUnsignedSaturate(a.AsInt16(), b.AsInt16())
        : Both(Lanes128.PackBytes(a.GetLower(), b.GetLower()), Lanes128.PackBytes(a.GetUpper(), b.GetUpper()));

    public static Vector128<int> SumLanes(Vector256<byte> v) => v.GetLower().AsInt32() + v.GetUpper().AsInt32();

    private static Vector256<byte> Both(Vector128<byte> lower, Vector128<byte> upper) => Vector256.Create(lower, upper);
}

/// <summary>64 bytes at a time.</summary>
internal unsafe struct Lanes512 : ILanes<Vector512<byte>>
{
    private static Vector512<byte> Pairs => Vector512.Create(
        Lanes128.PairsLow, Lanes128.PairsHigh, Lanes128.PairsLow, Lanes128.PairsHigh,
        Lanes128.PairsLow, Lanes128.PairsHigh, Lanes128.PairsLow, Lanes128.PairsHigh).AsByte();

    public static Vector512<byte> Load(byte* p) => Vector512.Load(p);

    public static void Store(Vector512<byte> v, byte* p) => v.Store(p);

    public static Vector512<byte> LoadWidened(byte* p) => Avx512BW.IsSupported
        ? Avx512BW.ConvertToVector512Int16(Vector256.Load(p)).AsByte()
        : Both(Lanes256.LoadWidened(p), Lanes256.LoadWidened(p + 16));

    public static Vector512<byte> Repeat(int value) => Vector512.Create(value).AsByte();

    public static Vector512<byte> PairChannels(Vector512<byte> v) => Avx512BW.IsSupported
        ? Avx512BW.Shuffle(v, Pairs)
        : Both(Lanes256.PairChannels(v.GetLower()), Lanes256.PairChannels(v.GetUpper()));

    public static Vector512<byte> ZipLow(Vector512<byte> a, Vector512<byte> b) => Avx512BW.IsSupported
        ? Avx512BW.UnpackLow(a, b)
        : Both(Lanes256.ZipLow(a.GetLower(), b.GetLower()), Lanes256.ZipLow(a.GetUpper(), b.GetUpper()));

    public static Vector512<byte> ZipHigh(Vector512<byte> a, Vector512<byte> b) => Avx512BW.IsSupported
        ? Avx512BW.UnpackHigh(a, b)
        : Both(Lanes256.ZipHigh(a.GetLower(), b.GetLower()), Lanes256.ZipHigh(a.GetUpper(), b.GetUpper()));

    public static Vector512<byte> MultiplyAddPairs(Vector512<byte> a, Vector512<byte> b) => Avx512BW.IsSupported
        ? Avx512BW.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()).AsByte()
        : Both(Lanes256.MultiplyAddPairs(a.GetLower(), b.GetLower()), Lanes256.MultiplyAddPairs(a.GetUpper(), b.GetUpper()));

    public static Vector512<byte> Add(Vector512<byte> a, Vector512<byte> b) => (a.AsInt32() + b.AsInt32()).AsByte();

    public static Vector512<byte> ShiftLeft(Vector512<byte> v, int bits) => (v.AsInt32() << bits).AsByte();

    public static Vector512<byte> ShiftRight(Vector512<byte> v, int bits) => (v.AsInt32() >> bits).AsByte();

    public static Vector512<byte> PackShorts(Vector512<byte> a, Vector512<byte> b) => Avx512BW.IsSupported
        ? Avx512BW.PackSignedSaturate(a.AsInt32(), b.AsInt32()).AsByte()
        : Both(Lanes256.PackShorts(a.GetLower(), b.GetLower()), Lanes256.PackShorts(a.GetUpper(), b.GetUpper()));

    public static Vector512<byte> PackBytes(Vector512<byte> a, Vector512<byte> b) => Avx512BW.IsSupported
        ? Avx512BW.PackUnsignedSaturate(a.AsInt16(), b.AsInt16())
        : Both(Lanes256.PackBytes(a.GetLower(), b.GetLower()), Lanes256.PackBytes(a.GetUpper(), b.GetUpper()));

    public static Vector128<int> SumLanes(Vector512<byte> v) => Lanes256.SumLanes(v.GetLower()) + Lanes256.SumLanes(v.GetUpper());

    private static Vector512<byte> Both(Vector256<byte> lower, Vector256<byte> upper) => Vector512.Create(lower, upper);
}
