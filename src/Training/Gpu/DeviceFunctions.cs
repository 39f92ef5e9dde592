using System.Reflection;
using Anneal.Training.Ops;
using ILGPU.Algorithms;
using ILGPU.Frontend;
using ILGPU.Frontend.Intrinsic;

namespace Anneal.Training.Gpu;

/// <summary>
/// What kernels call in place of .NET's functions, so that a formula is compiled for a GPU as it stands. Each method takes the place of the
/// method of its name in the type of its parameters, or in <see cref="RealFunctions"/>. ILGPU's own versions of these are missing, lose digits,
/// or drop NaN.
/// </summary>
internal static class DeviceFunctions
{
    private const BindingFlags Here = BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Lazy<int> Registered = new(RegisterAll);

    /// <summary>Makes ILGPU use these. Once for the process: ILGPU keeps one table.</summary>
    public static void Register() => _ = Registered.Value;

    private static int RegisterAll()
    {
        foreach (var method in typeof(Functions).GetMethods(Here))
        {
            Type[] types = [.. method.GetParameters().Select(parameter => parameter.ParameterType)];
            var generic = typeof(RealFunctions).GetMethods(Here).FirstOrDefault(candidate => candidate.IsGenericMethod && candidate.Name == method.Name);
            Replace(generic?.MakeGenericMethod(types[0]) ?? types[0].GetMethod(method.Name, types)!, method);
        }
        foreach (var method in typeof(Conversions).GetMethods(Here))
            Replace(method.ReturnType.GetMethod(nameof(float.CreateTruncating))!.MakeGenericMethod(method.GetParameters()[0].ParameterType), method);
        return 0;
    }

    private static void Replace(MethodInfo replaced, MethodInfo method) =>
        RemappedIntrinsics.AddRemapping(replaced, (ref InvocationContext call) => call.Method = method);

    /// <summary>Functions, of float32 unless nothing else is said.</summary>
    internal static class Functions
    {
        private const float HalfPi = MathF.PI / 2;

        public static float Exp(float x) => XMath.Exp(x);

        public static float Log(float x) => XMath.Log(x);

        /// <summary>The hyperbolic tangent, by its series near 0, where the quotient cancels.</summary>
        public static float Tanh(float x)
        {
            var size = x < 0 ? -x : x;
            if (size < 0.25f)
            {
                var s = x * x;
                return x * (1 + (s * (-0.333333333f + (s * (0.133333333f + (s * (-0.0539682540f + (s * 0.0218694885f))))))));
            }
            var e = XMath.Exp(-2 * size);
            var y = (1 - e) / (1 + e);
            return x < 0 ? -y : y;
        }

        public static float Sinh(float x)
        {
            var size = x < 0 ? -x : x;
            if (size < 0.5f)
            {
                var s = x * x;
                return x * (1 + (s * (0.166666667f + (s * (0.00833333333f + (s * (0.000198412698f + (s * 0.00000275573192f))))))));
            }
            var e = XMath.Exp(size);
            var y = (e - (1 / e)) * 0.5f;
            return x < 0 ? -y : y;
        }

        public static float Cosh(float x)
        {
            var e = XMath.Exp(x < 0 ? -x : x);
            return (e + (1 / e)) * 0.5f;
        }

        public static float Asinh(float x)
        {
            var size = x < 0 ? -x : x;
            if (size < 0.125f)
            {
                var s = x * x;
                return x * (1 + (s * (-0.166666667f + (s * (0.075f + (s * (-0.0446428571f + (s * 0.0303819444f))))))));
            }
            var y = XMath.Log(size + XMath.Sqrt((size * size) + 1));
            return x < 0 ? -y : y;
        }

        public static float Acosh(float x) => XMath.Log(x + (XMath.Sqrt(x - 1) * XMath.Sqrt(x + 1)));

        public static float Atanh(float x)
        {
            var size = x < 0 ? -x : x;
            if (size < 0.125f)
            {
                var s = x * x;
                return x * (1 + (s * (0.333333333f + (s * (0.2f + (s * (0.142857143f + (s * 0.111111111f))))))));
            }
            return 0.5f * XMath.Log((1 + x) / (1 - x));
        }

        /// <summary>The arc tangent: |x| brought below tan(π/8), then a polynomial (S. Moshier, Cephes, atanf).</summary>
        public static float Atan(float x)
        {
            var size = x < 0 ? -x : x;
            var (start, t) = (0f, size);
            if (size > 2.414213562f)
                (start, t) = (HalfPi, -1 / size);
            else if (size > 0.414213562f)
                (start, t) = (HalfPi / 2, (size - 1) / (size + 1));
            var s = t * t;
            var y = start + t + (t * s * (-0.333329491539f + (s * (0.199777106478f + (s * (-0.138776856032f + (s * 0.0805374449538f)))))));
            return x < 0 ? -y : y;
        }

        public static float Asin(float x) => Atan(x / XMath.Sqrt((1 - x) * (1 + x)));

        public static float Acos(float x) => x < 0 ? MathF.PI - Acos(-x, XMath.Sqrt((1 + x) * (1 - x))) : Acos(x, XMath.Sqrt((1 - x) * (1 + x)));

        public static float Sin(float x)
        {
            var quarter = Quarter(x);
            var r = Rest(x, quarter);
            var turn = (int)quarter & 3;
            var y = (turn & 1) == 0 ? SinNear0(r) : CosNear0(r);
            return turn > 1 ? -y : y;
        }

        public static float Cos(float x)
        {
            var quarter = Quarter(x);
            var r = Rest(x, quarter);
            var turn = ((int)quarter + 1) & 3;
            var y = (turn & 1) == 0 ? SinNear0(r) : CosNear0(r);
            return turn > 1 ? -y : y;
        }

        public static float Tan(float x)
        {
            var quarter = Quarter(x);
            var r = Rest(x, quarter);
            var (sin, cos) = (SinNear0(r), CosNear0(r));
            return ((int)quarter & 1) == 0 ? sin / cos : -cos / sin;
        }

        /// <summary>As the C library has it, by way of base-2 logarithms.</summary>
        public static float Pow(float a, float b)
        {
            if (b == 0 || a == 1)
                return 1;
            var size = a < 0 ? -a : a;
            var y = size == 1 ? 1 : XMath.Exp2(b * XMath.Log2(size));
            if (a >= 0 || float.IsNaN(size))
                return y;
            var (whole, half) = (XMath.Floor(b), XMath.Floor(b * 0.5f));
            if (whole != b)
                return float.NaN;
            return whole == 2 * half ? y : -y;
        }

        public static long Pow(long a, long b)
        {
            var (result, square) = (1L, a);
            for (var left = b; left > 0; left >>= 1)
            {
                if ((left & 1) != 0)
                    result *= square;
                square *= square;
            }
            return b < 0 && a != 1 ? (a == -1 ? ((b & 1) == 0 ? 1 : -1) : 0) : result;
        }

        public static int Pow(int a, int b) => (int)Pow((long)a, b);

        public static float LogP1(float x) => XMath.Log(1 + x);

        public static float ExpM1(float x)
        {
            if (x > -0.25f && x < 0.25f)
                return x * (1 + (x * (0.5f + (x * (0.166666667f + (x * (0.0416666667f + (x * (0.00833333333f + (x * 0.00138888889f))))))))));
            return XMath.Exp(x) - 1;
        }

        /// <summary>Halves to even: adding and taking away 2²³ leaves no binary places.</summary>
        public static float Round(float x)
        {
            const float large = 8388608;
            var size = x < 0 ? -x : x;
            if (!(size < large))
                return x;
            var whole = XMath.Floor(size);
            var rest = size - whole;
            if (rest > 0.5f || (rest == 0.5f && whole != 2 * XMath.Floor(whole * 0.5f)))
                whole += 1;
            return x < 0 ? -whole : whole;
        }

        public static float Max(float a, float b) => a > b || float.IsNaN(a) ? a : b;

        public static float Min(float a, float b) => a < b || float.IsNaN(a) ? a : b;

        public static double Max(double a, double b) => a > b || double.IsNaN(a) ? a : b;

        public static double Min(double a, double b) => a < b || double.IsNaN(a) ? a : b;

        public static float Clamp(float x, float least, float greatest) => x < least ? least : x > greatest ? greatest : x;

        public static float Abs(float x) => XMath.Abs(x);

        public static float Sqrt(float x) => XMath.Sqrt(x);

        /// <summary>The error function in float32: a series below 2, the complement's continued fraction above (Abramowitz and Stegun 7.1.6, 7.1.14).</summary>
        public static float Erf(float x)
        {
            var size = x < 0 ? -x : x;
            if (!(size < 4))
                return float.IsNaN(x) ? x : x < 0 ? -1 : 1;
            float y;
            if (size < 2)
            {
                var (term, sum) = (size, size);
                for (var n = 1; n < 28; n++)
                {
                    term *= 2 * size * size / ((2 * n) + 1);
                    sum += term;
                }
                y = 1.12837917f * XMath.Exp(-size * size) * sum;
            }
            else
            {
                var fraction = size;
                for (var n = 20; n > 0; n--)
                    fraction = size + (n * 0.5f / fraction);
                y = 1 - (XMath.Exp(-size * size) * 0.564189584f / fraction);
            }
            return x < 0 ? -y : y;
        }

        private static float Acos(float x, float opposite) => x == 0 ? HalfPi : Atan(opposite / x);

        /// <summary>How many quarter turns are nearest.</summary>
        private static float Quarter(float x) => XMath.Floor((x * 0.636619772f) + 0.5f);

        /// <summary>x less its quarter turns, π/2 in three parts so that no digit of the difference is lost (Cody and Waite 1980).</summary>
        private static float Rest(float x, float quarter) => x - (quarter * 1.5703125f) - (quarter * 4.837512969970703e-4f) - (quarter * 7.549789954891885e-8f);

        private static float SinNear0(float r)
        {
            var s = r * r;
            return r + (r * s * (-0.166666667f + (s * (0.00833333333f + (s * (-0.000198412698f + (s * 0.00000275573192f)))))));
        }

        private static float CosNear0(float r)
        {
            var s = r * r;
            return 1 + (s * (-0.5f + (s * (0.0416666667f + (s * (-0.00138888889f + (s * 0.0000248015873f)))))));
        }
    }

    /// <summary>Conversions between the element types that kernels take.</summary>
    internal static class Conversions
    {
        public static float ToSingle(double x) => (float)x;

        public static float ToSingle(long x) => x;

        public static float ToSingle(int x) => x;

        public static float ToSingle(byte x) => x;

        public static double ToDouble(float x) => x;

        public static double ToDouble(long x) => x;

        public static double ToDouble(int x) => x;

        public static double ToDouble(byte x) => x;

        public static long ToInt64(float x) => (long)x;

        public static long ToInt64(double x) => (long)x;

        public static long ToInt64(int x) => x;

        public static long ToInt64(byte x) => x;

        public static int ToInt32(float x) => (int)x;

        public static int ToInt32(double x) => (int)x;

        public static int ToInt32(long x) => (int)x;

        public static int ToInt32(byte x) => x;

        public static byte ToByte(float x) => (byte)(int)x;

        public static byte ToByte(double x) => (byte)(int)x;

        public static byte ToByte(long x) => (byte)x;

        public static byte ToByte(int x) => (byte)x;
    }
}
