using System.Numerics;
using System.Numerics.Tensors;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>The elementwise operators of one input: value and slope on adjacent lines.</summary>
internal static class Unary
{
    public static IEnumerable<Kernel> Kernels =>
    [
        Plain<Abs<float>, Abs<double>>("Abs"),
        Plain<Acos<float>, Acos<double>>("Acos"),
        Plain<Acosh<float>, Acosh<double>>("Acosh"),
        Plain<Asin<float>, Asin<double>>("Asin"),
        Plain<Asinh<float>, Asinh<double>>("Asinh"),
        Plain<Atan<float>, Atan<double>>("Atan"),
        Plain<Atanh<float>, Atanh<double>>("Atanh"),
        Plain<Ceil<float>, Ceil<double>>("Ceil"),
        Plain<Cos<float>, Cos<double>>("Cos"),
        Plain<Cosh<float>, Cosh<double>>("Cosh"),
        Plain<Erf<float>, Erf<double>>("Erf"),
        Plain<Exp<float>, Exp<double>>("Exp"),
        Plain<Floor<float>, Floor<double>>("Floor"),
        Plain<HardSwish<float>, HardSwish<double>>("HardSwish"),
        Plain<Log<float>, Log<double>>("Log"),
        Plain<Mish<float>, Mish<double>>("Mish"),
        Plain<Neg<float>, Neg<double>>("Neg"),
        Plain<Reciprocal<float>, Reciprocal<double>>("Reciprocal"),
        Plain<Relu<float>, Relu<double>>("Relu"),
        Plain<Round<float>, Round<double>>("Round"),
        Plain<Sigmoid<float>, Sigmoid<double>>("Sigmoid"),
        Plain<Sign<float>, Sign<double>>("Sign"),
        Plain<Sin<float>, Sin<double>>("Sin"),
        Plain<Sinh<float>, Sinh<double>>("Sinh"),
        Plain<Softplus<float>, Softplus<double>>("Softplus"),
        Plain<Softsign<float>, Softsign<double>>("Softsign"),
        Plain<Sqrt<float>, Sqrt<double>>("Sqrt"),
        Plain<Tan<float>, Tan<double>>("Tan"),
        Plain<Tanh<float>, Tanh<double>>("Tanh"),
        Of<Elu, EluFormula<float>, EluFormula<double>>("Elu", op => new(op.Alpha), op => new(op.Alpha)),
        Of<LeakyRelu, LeakyFormula<float>, LeakyFormula<double>>("LeakyRelu", op => new(op.Alpha), op => new(op.Alpha)),
        Of<ThresholdedRelu, ThresholdFormula<float>, ThresholdFormula<double>>("ThresholdedRelu", op => new(op.Alpha), op => new(op.Alpha)),
        Of<HardSigmoid, HardSigmoidFormula<float>, HardSigmoidFormula<double>>("HardSigmoid", op => new(op.Alpha, op.Beta), op => new(op.Alpha, op.Beta)),
        Of<Selu, SeluFormula<float>, SeluFormula<double>>("Selu", op => new(op.Alpha, op.Gamma), op => new(op.Alpha, op.Gamma)),
        Of<Celu, CeluFormula<float>, CeluFormula<double>>("Celu", op => new(op.Alpha), op => new(op.Alpha)),
        Of<Shrink, ShrinkFormula<float>, ShrinkFormula<double>>("Shrink", op => new(op.Lambd, op.Bias), op => new(op.Lambd, op.Bias)),
        Of<Swish, SwishFormula<float>, SwishFormula<double>>("Swish", op => new(op.Alpha), op => new(op.Alpha)),
        Of<Gelu, GeluFormula<float>, GeluFormula<double>>("Gelu", op => new(op.Approximate == "tanh"), op => new(op.Approximate == "tanh")),
        new SlopeKernel(),
    ];

    private static UnaryKernel<Elementwise, TFloat, TDouble> Plain<TFloat, TDouble>(string name)
        where TFloat : struct, IUnary<float>
        where TDouble : struct, IUnary<double> => Of<Elementwise, TFloat, TDouble>(name, _ => default, _ => default);

    private static UnaryKernel<TOp, TFloat, TDouble> Of<TOp, TFloat, TDouble>(string name, Func<TOp, TFloat> single, Func<TOp, TDouble> twice)
        where TOp : Op
        where TFloat : struct, IUnary<float>
        where TDouble : struct, IUnary<double> => new(name, single, twice);
}

/// <summary>An elementwise operator of one input, from its formula in both precisions.</summary>
internal sealed class UnaryKernel<TOp, TFloat, TDouble>(string name, Func<TOp, TFloat> single, Func<TOp, TDouble> twice) : Kernel<TOp>(name), IHasSlope
    where TOp : Op
    where TFloat : struct, IUnary<float>
    where TDouble : struct, IUnary<double>
{
    public void Slope(Op op, Tensor dy, Tensor x, Tensor y, Tensor dx)
    {
        if (x.DType == DType.Float32)
            ElementLoops.Slope<float, TFloat>(single((TOp)op), dy, x, y, dx);
        else
            ElementLoops.Slope<double, TDouble>(twice((TOp)op), dy, x, y, dx);
    }

    public void Slope(GpuDevice gpu, Op op, Tensor dy, Tensor x, Tensor y, Tensor dx) => gpu.ForEach(x.Count, new SlopeWork<float, TFloat>(
        single((TOp)op), GpuDevice.View<float>(dy), GpuDevice.View<float>(x), GpuDevice.View<float>(y), GpuDevice.View<float>(dx)));

    protected override void Compute(TOp op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (x[0]!.DType == DType.Float32)
            ElementLoops.Map<float, TFloat>(single(op), x[0]!, y[0]);
        else if (x[0]!.DType == DType.Double)
            ElementLoops.Map<double, TDouble>(twice(op), x[0]!, y[0]);
        else if (!IntegerUnary.TryCompute(Name, x[0]!, y[0]))
            throw Unsupported(x[0]!, "float32 and double");
    }

    protected override void Compute(GpuDevice gpu, TOp op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (x[0]!.DType != DType.Float32)
            throw Unsupported(gpu, x[0]!, "float32");
        gpu.ForEach(x[0]!.Count, new MapWork<float, TFloat>(single(op), GpuDevice.View<float>(x[0]!), GpuDevice.View<float>(y[0])));
    }

    protected override void Backward(TOp op, GradientCall call) =>
        call.Give(0, Tensor.Apply(new Slope(op), call.Dy(0), call.X(0), call.Y(0)));
}

/// <summary>A kernel whose gradient is dy times a slope, element by element.</summary>
internal interface IHasSlope
{
    void Slope(Op op, Tensor dy, Tensor x, Tensor y, Tensor dx);

    void Slope(GpuDevice gpu, Op op, Tensor dy, Tensor x, Tensor y, Tensor dx);
}

/// <summary>The gradient of an elementwise operator: dy, x, y of one shape to dx = dy · DF(x, y).</summary>
internal sealed record Slope(Op Of) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(1), facts.Shape(1));
}

/// <summary>Runs the slope of whichever operator it belongs to.</summary>
internal sealed class SlopeKernel() : Kernel<Slope>("Slope", TrainingDomain.Name)
{
    protected override void Compute(Slope op, ReadOnlySpan<Tensor?> x, Tensor[] y) =>
        ((IHasSlope)KernelTable.Find(op.Of)).Slope(op.Of, x[0]!, x[1]!, x[2]!, y[0]);

    protected override void Compute(GpuDevice gpu, Slope op, ReadOnlySpan<Tensor?> x, Tensor[] y) =>
        ((IHasSlope)KernelTable.Find(op.Of)).Slope(gpu, op.Of, x[0]!, x[1]!, x[2]!, y[0]);
}

internal readonly struct Abs<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Abs(x);
    public T DF(T x, T y) => x > T.Zero ? T.One : x < T.Zero ? -T.One : T.Zero;
}

internal readonly struct Acos<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Acos(x);
    public T DF(T x, T y) => -T.One / T.Sqrt(T.One - (x * x));
}

internal readonly struct Acosh<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Acosh(x);
    public T DF(T x, T y) => T.One / (T.Sqrt(x - T.One) * T.Sqrt(x + T.One));
}

internal readonly struct Asin<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Asin(x);
    public T DF(T x, T y) => T.One / T.Sqrt(T.One - (x * x));
}

internal readonly struct Asinh<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Asinh(x);
    public T DF(T x, T y) => T.One / T.Sqrt((x * x) + T.One);
}

internal readonly struct Atan<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Atan(x);
    public T DF(T x, T y) => T.One / ((x * x) + T.One);
}

internal readonly struct Atanh<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Atanh(x);
    public T DF(T x, T y) => T.One / (T.One - (x * x));
}

internal readonly struct Ceil<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Ceiling(x);
    public T DF(T x, T y) => T.Zero;
}

internal readonly struct Cos<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Cos(x);
    public T DF(T x, T y) => -T.Sin(x);
}

internal readonly struct Cosh<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Cosh(x);
    public T DF(T x, T y) => T.Sinh(x);
}

internal readonly struct Erf<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private static readonly T Slope0 = T.CreateTruncating(2 / Math.Sqrt(Math.PI));

    public T F(T x) => RealFunctions.Erf(x);
    public T DF(T x, T y) => Slope0 * T.Exp(-x * x);
}

internal readonly struct Exp<T> : IVectorUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Exp(x);
    public T DF(T x, T y) => y;
    public void F(ReadOnlySpan<T> x, Span<T> y) => TensorPrimitives.Exp(x, y);
}

internal readonly struct Floor<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Floor(x);
    public T DF(T x, T y) => T.Zero;
}

internal readonly struct HardSwish<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private static readonly T Three = T.CreateTruncating(3);
    private static readonly T Six = T.CreateTruncating(6);

    public T F(T x) => x * T.Clamp((x + Three) / Six, T.Zero, T.One);
    public T DF(T x, T y) => x <= -Three ? T.Zero : x >= Three ? T.One : (x + x + Three) / Six;
}

internal readonly struct Log<T> : IVectorUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Log(x);
    public T DF(T x, T y) => T.One / x;
    public void F(ReadOnlySpan<T> x, Span<T> y) => TensorPrimitives.Log(x, y);
}

/// <summary>x · tanh(softplus(x)) (Misra 2019, "Mish").</summary>
internal readonly struct Mish<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => x * T.Tanh(default(Softplus<T>).F(x));

    public T DF(T x, T y)
    {
        var t = T.Tanh(default(Softplus<T>).F(x));
        return t + (x * (T.One - (t * t)) * default(Sigmoid<T>).F(x));
    }
}

internal readonly struct Neg<T> : IVectorUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => -x;
    public T DF(T x, T y) => -T.One;
    public void F(ReadOnlySpan<T> x, Span<T> y) => TensorPrimitives.Negate(x, y);
}

internal readonly struct Reciprocal<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.One / x;
    public T DF(T x, T y) => -y * y;
}

internal readonly struct Relu<T> : IVectorUnary<T>, IVectorSlope<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => x < T.Zero ? T.Zero : x; // not Max: a NaN stays one
    public T DF(T x, T y) => y > T.Zero ? T.One : T.Zero;
    public void F(ReadOnlySpan<T> x, Span<T> y) => TensorPrimitives.Max(x, T.Zero, y);
    public static Vector<T> DF(Vector<T> dy, Vector<T> y) => Vector.ConditionalSelect(Vector.GreaterThan(y, Vector<T>.Zero), dy, Vector<T>.Zero);
    public void DF(ReadOnlySpan<T> dy, ReadOnlySpan<T> y, Span<T> dx) => VectorSlopes.Run<T, Relu<T>>(dy, y, dx);
}

/// <summary>To the nearest integer, halves to even.</summary>
internal readonly struct Round<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Round(x);
    public T DF(T x, T y) => T.Zero;
}

internal readonly struct Sigmoid<T> : IVectorUnary<T>, IVectorSlope<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.One / (T.One + T.Exp(-x));
    public T DF(T x, T y) => y * (T.One - y);
    public void F(ReadOnlySpan<T> x, Span<T> y) => TensorPrimitives.Sigmoid(x, y);
    public static Vector<T> DF(Vector<T> dy, Vector<T> y) => dy * (y * (Vector<T>.One - y));
    public void DF(ReadOnlySpan<T> dy, ReadOnlySpan<T> y, Span<T> dx) => VectorSlopes.Run<T, Sigmoid<T>>(dy, y, dx);
}

internal readonly struct Sign<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => x > T.Zero ? T.One : x < T.Zero ? -T.One : x;
    public T DF(T x, T y) => T.Zero;
}

internal readonly struct Sin<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Sin(x);
    public T DF(T x, T y) => T.Cos(x);
}

internal readonly struct Sinh<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Sinh(x);
    public T DF(T x, T y) => T.Cosh(x);
}

/// <summary>log(1 + eˣ), from the side on which nothing overflows.</summary>
internal readonly struct Softplus<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => x > T.Zero ? x + T.LogP1(T.Exp(-x)) : T.LogP1(T.Exp(x));
    public T DF(T x, T y) => default(Sigmoid<T>).F(x);
}

internal readonly struct Softsign<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => x / (T.One + T.Abs(x));

    public T DF(T x, T y)
    {
        var d = T.One + T.Abs(x);
        return T.One / (d * d);
    }
}

internal readonly struct Sqrt<T> : IVectorUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Sqrt(x);
    public T DF(T x, T y) => T.One / (y + y);
    public void F(ReadOnlySpan<T> x, Span<T> y) => TensorPrimitives.Sqrt(x, y);
}

internal readonly struct Tan<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Tan(x);
    public T DF(T x, T y) => T.One + (y * y);
}

internal readonly struct Tanh<T> : IVectorUnary<T>, IVectorSlope<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public T F(T x) => T.Tanh(x);
    public T DF(T x, T y) => T.One - (y * y);
    public void F(ReadOnlySpan<T> x, Span<T> y) => TensorPrimitives.Tanh(x, y);
    public static Vector<T> DF(Vector<T> dy, Vector<T> y) => dy * (Vector<T>.One - (y * y));
    public void DF(ReadOnlySpan<T> dy, ReadOnlySpan<T> y, Span<T> dx) => VectorSlopes.Run<T, Tanh<T>>(dy, y, dx);
}

internal readonly struct EluFormula<T>(float alpha) : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly T _alpha = T.CreateTruncating(alpha);

    public T F(T x) => x < T.Zero ? _alpha * T.ExpM1(x) : x;
    public T DF(T x, T y) => x < T.Zero ? y + _alpha : T.One;
}

internal readonly struct LeakyFormula<T>(float alpha) : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly T _alpha = T.CreateTruncating(alpha);

    public T F(T x) => x < T.Zero ? _alpha * x : x;
    public T DF(T x, T y) => x < T.Zero ? _alpha : T.One;
}

internal readonly struct ThresholdFormula<T>(float alpha) : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly T _alpha = T.CreateTruncating(alpha);

    public T F(T x) => x > _alpha ? x : T.Zero;
    public T DF(T x, T y) => x > _alpha ? T.One : T.Zero;
}

internal readonly struct HardSigmoidFormula<T>(float alpha, float beta) : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly T _alpha = T.CreateTruncating(alpha);
    private readonly T _beta = T.CreateTruncating(beta);

    public T F(T x) => T.Clamp((_alpha * x) + _beta, T.Zero, T.One);
    public T DF(T x, T y) => y > T.Zero && y < T.One ? _alpha : T.Zero;
}

internal readonly struct SeluFormula<T>(float alpha, float gamma) : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly T _alpha = T.CreateTruncating(alpha);
    private readonly T _gamma = T.CreateTruncating(gamma);

    public T F(T x) => _gamma * (x > T.Zero ? x : _alpha * T.ExpM1(x));
    public T DF(T x, T y) => x > T.Zero ? _gamma : y + (_gamma * _alpha);
}

internal readonly struct CeluFormula<T>(float alpha) : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly T _alpha = T.CreateTruncating(alpha);

    public T F(T x) => x > T.Zero ? x : _alpha * T.ExpM1(x / _alpha);
    public T DF(T x, T y) => x > T.Zero ? T.One : T.Exp(x / _alpha);
}

internal readonly struct ShrinkFormula<T>(float lambda, float bias) : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly T _lambda = T.CreateTruncating(lambda);
    private readonly T _bias = T.CreateTruncating(bias);

    public T F(T x) => x < -_lambda ? x + _bias : x > _lambda ? x - _bias : T.Zero;
    public T DF(T x, T y) => x < -_lambda || x > _lambda ? T.One : T.Zero;
}

/// <summary>x · sigmoid(αx) (Ramachandran, Zoph and Le 2017, "Searching for Activation Functions").</summary>
internal readonly struct SwishFormula<T>(float alpha) : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly T _alpha = T.CreateTruncating(alpha);

    public T F(T x) => x * default(Sigmoid<T>).F(_alpha * x);

    public T DF(T x, T y)
    {
        var s = default(Sigmoid<T>).F(_alpha * x);
        return s + (_alpha * y * (T.One - s));
    }
}

/// <summary>x · Φ(x), or its approximation by tanh (Hendrycks and Gimpel 2016, "Gaussian Error Linear Units").</summary>
internal readonly struct GeluFormula<T>(bool byTanh) : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly int _byTanh = byTanh ? 1 : 0; // a bool cannot be handed to a GPU
    private readonly T _half = T.CreateTruncating(0.5);
    private readonly T _rootHalf = T.CreateTruncating(Math.Sqrt(0.5));
    private readonly T _density = T.CreateTruncating(1 / Math.Sqrt(2 * Math.PI));
    private readonly T _outer = T.CreateTruncating(Math.Sqrt(2 / Math.PI));
    private readonly T _cubic = T.CreateTruncating(0.044715);

    public T F(T x) => _half * x * (T.One + (_byTanh != 0 ? T.Tanh(Inner(x)) : default(Erf<T>).F(x * _rootHalf)));

    public T DF(T x, T y)
    {
        if (_byTanh == 0)
            return (_half * (T.One + default(Erf<T>).F(x * _rootHalf))) + (x * _density * T.Exp(-x * x * _half));
        var t = T.Tanh(Inner(x));
        var dInner = _outer * (T.One + ((_cubic + _cubic + _cubic) * x * x));
        return (_half * (T.One + t)) + (_half * x * (T.One - (t * t)) * dInner);
    }

    private T Inner(T x) => _outer * (x + (_cubic * x * x * x));
}
