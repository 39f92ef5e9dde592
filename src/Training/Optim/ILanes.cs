using System.Numerics;

namespace Anneal.Training.Optim;

/// <summary>
/// Some elements side by side, or one alone: what an <see cref="IUpdateRule{T}"/> computes with on the processor and on a GPU. Nothing is fused and no two
/// elements meet, so that any width gives the same bits.
/// </summary>
internal interface ILanes<TSelf, T>
    where TSelf : struct, ILanes<TSelf, T>
    where T : unmanaged
{
    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, T b);

    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>One number everywhere.</summary>
    static abstract TSelf Of(T value);

    /// <summary>√x.</summary>
    static abstract TSelf Sqrt(TSelf x);

    /// <summary>x, and 0 where it is below.</summary>
    static abstract TSelf NotBelowZero(TSelf x);
}

/// <summary>As many elements as a vector of the processor has.</summary>
internal readonly struct VectorLanes<T>(Vector<T> value) : ILanes<VectorLanes<T>, T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public Vector<T> Value => value;

    public static VectorLanes<T> operator +(VectorLanes<T> a, VectorLanes<T> b) => new(a.Value + b.Value);

    public static VectorLanes<T> operator -(VectorLanes<T> a, VectorLanes<T> b) => new(a.Value - b.Value);

    public static VectorLanes<T> operator *(VectorLanes<T> a, VectorLanes<T> b) => new(a.Value * b.Value);

    public static VectorLanes<T> operator *(VectorLanes<T> a, T b) => new(a.Value * b);

    public static VectorLanes<T> operator /(VectorLanes<T> a, VectorLanes<T> b) => new(a.Value / b.Value);

    public static VectorLanes<T> Of(T value) => new(new Vector<T>(value));

    public static VectorLanes<T> Sqrt(VectorLanes<T> x) => new(Vector.SquareRoot(x.Value));

    public static VectorLanes<T> NotBelowZero(VectorLanes<T> x) => new(Vector.Max(x.Value, Vector<T>.Zero));
}

/// <summary>The one element of a GPU's thread.</summary>
internal readonly struct OneLane<T>(T value) : ILanes<OneLane<T>, T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public readonly T Value = value;

    public static OneLane<T> operator +(OneLane<T> a, OneLane<T> b) => new(a.Value + b.Value);

    public static OneLane<T> operator -(OneLane<T> a, OneLane<T> b) => new(a.Value - b.Value);

    public static OneLane<T> operator *(OneLane<T> a, OneLane<T> b) => new(a.Value * b.Value);

    public static OneLane<T> operator *(OneLane<T> a, T b) => new(a.Value * b);

    public static OneLane<T> operator /(OneLane<T> a, OneLane<T> b) => new(a.Value / b.Value);

    public static OneLane<T> Of(T value) => new(value);

    public static OneLane<T> Sqrt(OneLane<T> x) => new(T.Sqrt(x.Value));

    public static OneLane<T> NotBelowZero(OneLane<T> x) => new(x.Value < T.Zero ? T.Zero : x.Value);
}
