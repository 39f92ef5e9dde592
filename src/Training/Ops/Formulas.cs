using System.Numerics;

namespace Anneal.Training.Ops;

/// <summary>A function of one number and its slope, written once for float32, double and every device.</summary>
internal interface IUnary<T> where T : unmanaged
{
    /// <summary>The value.</summary>
    T F(T x);

    /// <summary>The slope at x, where y is the value.</summary>
    T DF(T x, T y);
}

/// <summary>A function of one number that comes with a vector form: the same values, several at a time, to within a last digit.</summary>
internal interface IVectorUnary<T> : IUnary<T> where T : unmanaged
{
    /// <summary>The values of a whole span.</summary>
    void F(ReadOnlySpan<T> x, Span<T> y);
}

/// <summary>A function of one number whose slope follows from its value and comes with a vector form.</summary>
internal interface IVectorSlope<T> : IUnary<T> where T : unmanaged
{
    /// <summary>dy · slope for vectors, where y are the values.</summary>
    static abstract Vector<T> DF(Vector<T> dy, Vector<T> y);

    /// <summary>dy · slope for whole spans.</summary>
    void DF(ReadOnlySpan<T> dy, ReadOnlySpan<T> y, Span<T> dx);
}

/// <summary>Runs a slope's vector form over spans.</summary>
internal static class VectorSlopes
{
    public static void Run<T, TFormula>(ReadOnlySpan<T> dy, ReadOnlySpan<T> y, Span<T> dx)
        where T : unmanaged, INumberBase<T>
        where TFormula : struct, IVectorSlope<T>
    {
        var i = 0;
        for (; i <= dx.Length - Vector<T>.Count; i += Vector<T>.Count)
            TFormula.DF(new(dy[i..]), new(y[i..])).CopyTo(dx[i..]);
        for (; i < dx.Length; i++)
            dx[i] = dy[i] * default(TFormula).DF(y[i], y[i]);
    }
}

/// <summary>A function of two numbers of any type.</summary>
internal interface IBinary
{
    /// <summary>Whether an integer second number must not be 0.</summary>
    static virtual bool NeedsDivisor => false;

    /// <summary>The value.</summary>
    static abstract T F<T>(T a, T b) where T : unmanaged, INumber<T>;

    /// <summary>The values of whole spans of one length in a vector form; false when there is none.</summary>
    static virtual bool TryF<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y) where T : unmanaged, INumber<T> => false;

    /// <summary>The values of a whole span and one number in a vector form; false when there is none.</summary>
    static virtual bool TryF<T>(ReadOnlySpan<T> a, T b, Span<T> y) where T : unmanaged, INumber<T> => false;
}

/// <summary>A question about two numbers.</summary>
internal interface IComparison
{
    /// <summary>The answer.</summary>
    static abstract bool F<T>(T a, T b) where T : unmanaged, INumber<T>;
}

/// <summary>What .NET lacks of the functions that ONNX has.</summary>
internal static class RealFunctions
{
    /// <summary>The error function in any precision.</summary>
    public static T Erf<T>(T x) where T : unmanaged, INumber<T> => T.CreateTruncating(Erf(double.CreateTruncating(x)));

    /// <summary>Floats as the C library has it; integers by squaring, a negative exponent giving what is left of the fraction.</summary>
    public static T Pow<T>(T a, T b) where T : unmanaged, INumber<T>
    {
        if (typeof(T) == typeof(float))
            return T.CreateTruncating(MathF.Pow(float.CreateTruncating(a), float.CreateTruncating(b)));
        if (typeof(T) == typeof(double) || b < T.Zero)
            return T.CreateTruncating(Math.Pow(double.CreateTruncating(a), double.CreateTruncating(b)));
        var (result, square) = (T.One, a);
        for (var left = ulong.CreateTruncating(b); left > 0; left >>= 1, square *= square)
            if ((left & 1) != 0)
                result *= square;
        return result;
    }

    /// <summary>
    /// The error function, to the last digits of a double: its Maclaurin series near 0, the continued fraction of the complement further out
    /// (Abramowitz and Stegun 7.1.6 and 7.1.14).
    /// </summary>
    public static double Erf(double x)
    {
        var size = Math.Abs(x);
        if (!(size < 6))
            return double.IsNaN(x) ? x : Math.Sign(x);
        var value = size < 2.5 ? Series(size) : 1 - Tail(size);
        return x < 0 ? -value : value;
    }

    private static double Series(double x)
    {
        // 2/√π · e^(-x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)): every term positive, so nothing cancels.
        var (term, sum) = (x, x);
        for (var n = 1; term > sum * 1e-17; n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }
        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    private static double Tail(double x)
    {
        // e^(-x²)/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))), from the inside out.
        var fraction = x;
        for (var n = 60; n > 0; n--)
            fraction = x + (n / 2.0 / fraction);
        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / fraction;
    }
}
