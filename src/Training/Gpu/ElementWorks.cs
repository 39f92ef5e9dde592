using System.Numerics;
using Anneal.Training.Ops;
using ILGPU;

namespace Anneal.Training.Gpu;

/// <summary>y = value.</summary>
internal readonly struct FillWork<T>(T value, ArrayView<T> y) : IElementWork where T : unmanaged
{
    public void Run(int index) => y[index] = value;
}

/// <summary>y = F(x).</summary>
internal readonly struct MapWork<T, TFormula>(TFormula formula, ArrayView<T> x, ArrayView<T> y) : IElementWork
    where T : unmanaged
    where TFormula : struct, IUnary<T>
{
    public void Run(int index) => y[index] = formula.F(x[index]);
}

/// <summary>dx = dy · DF(x, y).</summary>
internal readonly struct SlopeWork<T, TFormula>(TFormula formula, ArrayView<T> dy, ArrayView<T> x, ArrayView<T> y, ArrayView<T> dx) : IElementWork
    where T : unmanaged, INumberBase<T>
    where TFormula : struct, IUnary<T>
{
    public void Run(int index) => dx[index] = dy[index] * formula.DF(x[index], y[index]);
}

/// <summary>y = F(a, b), where a and b broadcast.</summary>
internal readonly struct ZipWork<T, TFormula, TLayout>(TLayout layout, ArrayView<T> a, ArrayView<T> b, ArrayView<T> y) : IElementWork
    where T : unmanaged, INumber<T>
    where TFormula : struct, IBinary
    where TLayout : struct, ILayout
{
    public void Run(int index)
    {
        var at = layout.At(index);
        y[index] = TFormula.F(a[at.A], b[at.B]);
    }
}

/// <summary>y = F(a, b), where the answer is yes or no.</summary>
internal readonly struct CompareWork<T, TFormula, TLayout>(TLayout layout, ArrayView<T> a, ArrayView<T> b, ArrayView<byte> y) : IElementWork
    where T : unmanaged, INumber<T>
    where TFormula : struct, IComparison
    where TLayout : struct, ILayout
{
    public void Run(int index)
    {
        var at = layout.At(index);
        y[index] = (byte)(TFormula.F(a[at.A], b[at.B]) ? 1 : 0);
    }
}

/// <summary>y = a where the condition holds, b elsewhere, of one shape.</summary>
internal readonly struct ChooseWork<T>(ArrayView<byte> condition, ArrayView<T> a, ArrayView<T> b, ArrayView<T> y) : IElementWork where T : unmanaged
{
    public void Run(int index) => y[index] = condition[index] != 0 ? a[index] : b[index];
}

/// <summary>Elements from one stepping to another.</summary>
internal readonly struct CopyWork<T, TLayout>(TLayout layout, ArrayView<T> x, int from, ArrayView<T> y, int to) : IElementWork
    where T : unmanaged
    where TLayout : struct, ILayout
{
    public void Run(int index)
    {
        var at = layout.At(index);
        y[to + at.B] = x[from + at.A];
    }
}

/// <summary>Elements in another type.</summary>
internal readonly struct ConvertWork<TFrom, TTo>(ArrayView<TFrom> x, ArrayView<TTo> y) : IElementWork
    where TFrom : unmanaged, INumber<TFrom>
    where TTo : unmanaged, INumber<TTo>
{
    public void Run(int index) => y[index] = TTo.CreateTruncating(x[index]);
}

/// <summary>Whether elements are other than 0.</summary>
internal readonly struct TruthWork<T>(ArrayView<T> x, ArrayView<byte> y) : IElementWork where T : unmanaged, INumber<T>
{
    public void Run(int index) => y[index] = (byte)(x[index] != T.Zero ? 1 : 0);
}
