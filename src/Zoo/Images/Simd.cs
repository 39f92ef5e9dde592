using System.Runtime.Intrinsics;

namespace Anneal.Zoo.Images;

/// <summary>The vectors this machine is fast with.</summary>
internal static class Simd
{
    /// <summary>The widest that the hardware has.</summary>
    internal static SimdWidth Widest { get; } =
        Vector512.IsHardwareAccelerated ? SimdWidth.V512
        : Vector256.IsHardwareAccelerated ? SimdWidth.V256
        : Vector128.IsHardwareAccelerated ? SimdWidth.V128
        : SimdWidth.Scalar;
}
