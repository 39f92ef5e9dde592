using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Ops;

namespace Anneal.Training;

public partial class Tensor
{
    /// <summary>Applies any operator: the call that every method here comes down to. Inputs that are left out are null.</summary>
    /// <returns>The first output.</returns>
    /// <exception cref="AnnealException">The operator has no kernel, or its inputs do not fit.</exception>
    public static Tensor Apply(Op op, params ReadOnlySpan<Tensor?> inputs) => ApplyAll(op, 1, inputs)[0];

    /// <summary>As <see cref="Apply"/>, for an operator with several outputs.</summary>
    public static Tensor[] ApplyAll(Op op, int outputCount, params ReadOnlySpan<Tensor?> inputs)
    {
        ArgumentNullException.ThrowIfNull(op);
        var kernel = KernelTable.Find(op);
        return CallRecording.Current is { } recording ? recording.Apply(kernel, op, inputs, outputCount) : kernel.Apply(op, inputs, outputCount);
    }

    /// <summary>Element by element, with broadcasting; so for the operators below.</summary>
    public static Tensor operator +(Tensor a, Tensor b) => Apply(Known.Add, a, b);

    /// <summary>a + b.</summary>
    public static Tensor operator +(Tensor a, double b) => a + a.Like(b);

    /// <summary>a + b.</summary>
    public static Tensor operator +(double a, Tensor b) => b.Like(a) + b;

    /// <summary>a - b.</summary>
    public static Tensor operator -(Tensor a, Tensor b) => Apply(Known.Sub, a, b);

    /// <summary>a - b.</summary>
    public static Tensor operator -(Tensor a, double b) => a - a.Like(b);

    /// <summary>a - b.</summary>
    public static Tensor operator -(double a, Tensor b) => b.Like(a) - b;

    /// <summary>-a.</summary>
    public static Tensor operator -(Tensor a) => Apply(Known.Neg, a);

    /// <summary>a · b, element by element; the matrix product is <see cref="MatMul"/>.</summary>
    public static Tensor operator *(Tensor a, Tensor b) => Apply(Known.Mul, a, b);

    /// <summary>a · b.</summary>
    public static Tensor operator *(Tensor a, double b) => a * a.Like(b);

    /// <summary>a · b.</summary>
    public static Tensor operator *(double a, Tensor b) => b.Like(a) * b;

    /// <summary>a / b; integers are cut towards zero.</summary>
    public static Tensor operator /(Tensor a, Tensor b) => Apply(Known.Div, a, b);

    /// <summary>a / b.</summary>
    public static Tensor operator /(Tensor a, double b) => a / a.Like(b);

    /// <summary>a / b.</summary>
    public static Tensor operator /(double a, Tensor b) => b.Like(a) / b;

    /// <summary>Whether a is above b, as bool.</summary>
    public static Tensor operator >(Tensor a, Tensor b) => Apply(Known.Greater, a, b);

    /// <summary>Whether a is above b, as bool.</summary>
    public static Tensor operator >(Tensor a, double b) => a > a.Like(b);

    /// <summary>Whether a is below b, as bool.</summary>
    public static Tensor operator <(Tensor a, Tensor b) => Apply(Known.Less, a, b);

    /// <summary>Whether a is below b, as bool.</summary>
    public static Tensor operator <(Tensor a, double b) => a < a.Like(b);

    /// <summary>Whether a is above b or equal to it, as bool.</summary>
    public static Tensor operator >=(Tensor a, Tensor b) => Apply(Known.GreaterOrEqual, a, b);

    /// <summary>Whether a is below b or equal to it, as bool.</summary>
    public static Tensor operator <=(Tensor a, Tensor b) => Apply(Known.LessOrEqual, a, b);

    /// <summary>Whether both are true.</summary>
    public static Tensor operator &(Tensor a, Tensor b) => Apply(Known.And, a, b);

    /// <summary>Whether one of them is true.</summary>
    public static Tensor operator |(Tensor a, Tensor b) => Apply(Known.Or, a, b);

    /// <summary>Whether it is false.</summary>
    public static Tensor operator !(Tensor a) => Apply(Known.Not, a);

    /// <summary>Whether the elements are equal, as bool.</summary>
    public Tensor Equal(Tensor other) => Apply(Known.Equal, this, other);

    /// <summary>Whether the elements equal a number, as bool.</summary>
    public Tensor Equal(double other) => Equal(Like(other));

    /// <summary>This to a power.</summary>
    public Tensor Pow(Tensor exponent) => Apply(Known.Pow, this, exponent);

    /// <summary>This to a power.</summary>
    public Tensor Pow(double exponent) => Pow(Like(exponent));

    /// <summary>The larger of both.</summary>
    public Tensor Max(Tensor other) => Apply(Known.Max, this, other);

    /// <summary>The larger of both.</summary>
    public Tensor Max(double other) => Max(Like(other));

    /// <summary>The smaller of both.</summary>
    public Tensor Min(Tensor other) => Apply(Known.Min, this, other);

    /// <summary>The smaller of both.</summary>
    public Tensor Min(double other) => Min(Like(other));

    /// <summary>|x|.</summary>
    public Tensor Abs() => Apply(Known.Abs, this);

    /// <summary>eˣ.</summary>
    public Tensor Exp() => Apply(Known.Exp, this);

    /// <summary>The natural logarithm.</summary>
    public Tensor Log() => Apply(Known.Log, this);

    /// <summary>√x.</summary>
    public Tensor Sqrt() => Apply(Known.Sqrt, this);

    /// <summary>1/x.</summary>
    public Tensor Reciprocal() => Apply(Known.Reciprocal, this);

    /// <summary>The nearest integer, halves to even.</summary>
    public Tensor Round() => Apply(Known.Round, this);

    /// <summary>max(x, 0).</summary>
    public Tensor Relu() => Apply(Known.Relu, this);

    /// <summary>The elements held between two bounds (ONNX operator <c>Clip</c>); null is no bound. Where one holds, the gradient is 0.</summary>
    public Tensor Clip(double? min = null, double? max = null) => Apply(Known.Clip, this, min is { } least ? Like(least) : null, max is { } most ? Like(most) : null);

    /// <summary>x Φ(x), Φ being the normal distribution's (Hendrycks and Gimpel 2016).</summary>
    public Tensor Gelu() => Apply(Known.Gelu, this);

    /// <summary>eˣ by its sum along an axis, so that the sum is 1.</summary>
    /// <param name="axis">The axis; negative ones count from the end.</param>
    public Tensor Softmax(int axis = -1) => Apply(new Softmax { Axis = axis }, this);

    /// <summary>The logarithm of <see cref="Softmax"/>, computed so that it stays finite.</summary>
    /// <param name="axis">The axis; negative ones count from the end.</param>
    public Tensor LogSoftmax(int axis = -1) => Apply(new LogSoftmax { Axis = axis }, this);

    /// <summary>Where along an axis the largest element stands, as int64; of equal ones the first. The axis is gone.</summary>
    /// <param name="axis">The axis; negative ones count from the end.</param>
    public Tensor ArgMax(int axis = -1) => Apply(new ArgMax { Axis = axis, Keepdims = false }, this);

    /// <summary>1/(1 + e⁻ˣ).</summary>
    public Tensor Sigmoid() => Apply(Known.Sigmoid, this);

    /// <summary>The hyperbolic tangent.</summary>
    public Tensor Tanh() => Apply(Known.Tanh, this);

    /// <summary>The sine.</summary>
    public Tensor Sin() => Apply(Known.Sin, this);

    /// <summary>The cosine.</summary>
    public Tensor Cos() => Apply(Known.Cos, this);

    /// <summary>The matrix product [M,K] · [K,N]; axes before the last two are batches and broadcast (ONNX operator <c>MatMul</c>).</summary>
    public Tensor MatMul(Tensor other) => Apply(Known.MatMul, this, other);

    /// <summary>Takes each element from <paramref name="a"/> where the condition holds and from <paramref name="b"/> elsewhere.</summary>
    public static Tensor Where(Tensor condition, Tensor a, Tensor b) => Apply(Known.Where, condition, a, b);

    /// <summary>The sum over some axes, or over all when none are named.</summary>
    /// <param name="axes">The axes; negative ones count from the end.</param>
    public Tensor Sum(params ReadOnlySpan<int> axes) => Reduce(Known.ReduceSum, axes);

    /// <summary>As <see cref="Sum"/>, keeping the axes with an extent of 1.</summary>
    public Tensor SumKeep(params ReadOnlySpan<int> axes) => Reduce(Known.ReduceSumKeep, axes);

    /// <summary>The mean over some axes, or over all when none are named.</summary>
    public Tensor Mean(params ReadOnlySpan<int> axes) => Reduce(Known.ReduceMean, axes);

    /// <summary>As <see cref="Mean"/>, keeping the axes with an extent of 1.</summary>
    public Tensor MeanKeep(params ReadOnlySpan<int> axes) => Reduce(Known.ReduceMeanKeep, axes);

    /// <summary>The largest element along some axes, or of all when none are named.</summary>
    public Tensor Largest(params ReadOnlySpan<int> axes) => Reduce(Known.ReduceMax, axes);

    /// <summary>As <see cref="Largest"/>, keeping the axes with an extent of 1.</summary>
    public Tensor LargestKeep(params ReadOnlySpan<int> axes) => Reduce(Known.ReduceMaxKeep, axes);

    /// <summary>The same elements in another type (ONNX operator <c>Cast</c>); the tensor itself when it has the type.</summary>
    public Tensor To(DType dtype) => DType == dtype ? this : Apply(new Cast { To = dtype }, this);

    /// <summary>
    /// The same elements on another device; the tensor itself when it lives there. Gradients come back the same way. Nothing else moves tensors:
    /// operators want all their inputs on one device, but for those that only steer them.
    /// </summary>
    /// <exception cref="DeviceUnavailableException">There is no such device here.</exception>
    public Tensor To(Device device) => Device == device ? this : Apply(new Transfer(device), this);

    /// <summary>A number as a tensor without axes that goes with this one.</summary>
    private Tensor Like(double value) => Full(TensorShape.Scalar, value, DType, Device);

    private Tensor Reduce(Op op, ReadOnlySpan<int> axes) => axes.Length == 0 ? Apply(op, this) : Apply(op, this, Ints(axes));

    /// <summary>Operators that are always the same, made once.</summary>
    private static class Known
    {
        public static readonly Op Abs = new Elementwise("Abs");
        public static readonly Op Add = new Elementwise("Add");
        public static readonly Op And = new Elementwise("And", DType.Bool);
        public static readonly Op Clip = new Clip();
        public static readonly Op Cos = new Elementwise("Cos");
        public static readonly Op Div = new Elementwise("Div");
        public static readonly Op Equal = new Elementwise("Equal", DType.Bool);
        public static readonly Op Exp = new Elementwise("Exp");
        public static readonly Op Expand = new Expand();
        public static readonly Op Flatten = new Flatten();
        public static readonly Op Gelu = new Gelu();
        public static readonly Op Greater = new Elementwise("Greater", DType.Bool);
        public static readonly Op GreaterOrEqual = new Elementwise("GreaterOrEqual", DType.Bool);
        public static readonly Op Less = new Elementwise("Less", DType.Bool);
        public static readonly Op LessOrEqual = new Elementwise("LessOrEqual", DType.Bool);
        public static readonly Op Log = new Elementwise("Log");
        public static readonly Op MatMul = new MatMul();
        public static readonly Op Max = new Elementwise("Max");
        public static readonly Op Min = new Elementwise("Min");
        public static readonly Op Mul = new Elementwise("Mul");
        public static readonly Op Neg = new Elementwise("Neg");
        public static readonly Op Not = new Elementwise("Not", DType.Bool);
        public static readonly Op Or = new Elementwise("Or", DType.Bool);
        public static readonly Op Pow = new Elementwise("Pow");
        public static readonly Op Reciprocal = new Elementwise("Reciprocal");
        public static readonly Op ReduceMax = new Reduction("ReduceMax") { Keepdims = false };
        public static readonly Op ReduceMaxKeep = new Reduction("ReduceMax") { Keepdims = true };
        public static readonly Op ReduceMean = new Reduction("ReduceMean") { Keepdims = false };
        public static readonly Op ReduceMeanKeep = new Reduction("ReduceMean") { Keepdims = true };
        public static readonly Op ReduceSum = new Reduction("ReduceSum") { Keepdims = false };
        public static readonly Op ReduceSumKeep = new Reduction("ReduceSum") { Keepdims = true };
        public static readonly Op Relu = new Elementwise("Relu");
        public static readonly Op Reshape = new Reshape();
        public static readonly Op Round = new Elementwise("Round");
        public static readonly Op Sigmoid = new Elementwise("Sigmoid");
        public static readonly Op Sin = new Elementwise("Sin");
        public static readonly Op Sqrt = new Elementwise("Sqrt");
        public static readonly Op Squeeze = new Squeeze();
        public static readonly Op Sub = new Elementwise("Sub");
        public static readonly Op Tanh = new Elementwise("Tanh");
        public static readonly Op Unsqueeze = new Unsqueeze();
        public static readonly Op Where = new Where();
    }
}
