using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Ops;

/// <summary>Matrix products, whose gradients are matrix products of turned matrices.</summary>
internal static class Products
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new MatMulKernel(),
        new GemmKernel(),
        new TurnedProductKernel(),
    ];

    /// <summary>y [batch…,M,N] = a · b, either turned or not; a batch of one serves all.</summary>
    public static void Compute(Kernel kernel, Tensor a, bool turnA, Tensor b, bool turnB, Tensor y)
    {
        switch (y.DType)
        {
            case DType.Float32: Compute<float>(a, turnA, b, turnB, y); break;
            case DType.Double: Compute<double>(a, turnA, b, turnB, y); break;
            case DType.Int64: Compute<long>(a, turnA, b, turnB, y); break;
            case DType.Int32: Compute<int>(a, turnA, b, turnB, y); break;
            default: throw new ShapeMismatchException($"{kernel.Name} takes float32, double, int32 and int64; {a.Title} was given. Convert it with To first.");
        }
    }

    /// <summary>As <see cref="Compute(Kernel, Tensor, bool, Tensor, bool, Tensor)"/>, on a GPU; false for an element type that it does not take.</summary>
    public static bool TryCompute(GpuDevice gpu, Tensor a, bool turnA, Tensor b, bool turnB, Tensor y)
    {
        var fit = Fit.Of(a, turnA, b, y);
        return GpuProducts.TryRun(gpu, fit.A, StepsOf(fit.A, turnA, fit.StepA), fit.B, StepsOf(fit.B, turnB, fit.StepB), y.View([fit.Products, fit.M, fit.N]), fit.Products, fit.K);
    }

    private static unsafe void Compute<T>(Tensor a, bool turnA, Tensor b, bool turnB, Tensor y) where T : unmanaged, System.Numerics.INumber<T>
    {
        var fit = Fit.Of(a, turnA, b, y);
        MatrixProduct.Run(
            Matrix<T>.Of((T*)fit.A.Address, fit.A.Shape[^1], turnA, fit.StepA),
            Matrix<T>.Of((T*)fit.B.Address, fit.B.Shape[^1], turnB, fit.StepB),
            (T*)y.Address, fit.Products, fit.M, fit.K, fit.N);
        GC.KeepAlive(fit.A);
        GC.KeepAlive(fit.B);
        GC.KeepAlive(y);
    }

    private static MatrixSteps StepsOf(Tensor x, bool turned, int step) => turned ? new(step, 1, x.Shape[^1]) : new(step, x.Shape[^1], 1);

    /// <summary>The factors of a batch of products, with how far each goes from one product to the next: not at all where one serves all.</summary>
    private readonly record struct Fit(Tensor A, int StepA, Tensor B, int StepB, int Products, int M, int K, int N)
    {
        public static Fit Of(Tensor a, bool turnA, Tensor b, Tensor y)
        {
            var (m, n, k) = (y.Shape[^2], y.Shape[^1], turnA ? a.Shape[^2] : a.Shape[^1]);
            var products = Batch(y);
            // One matrix on the right: the matrices on the left are one tall one.
            if (Batch(b) == 1 && !turnA && Batch(a) == products)
                (m, products) = (m * products, 1);
            (a, b) = (Repeated(a, y, products), Repeated(b, y, products));
            return new(a, Batch(a) == 1 ? 0 : m * k, b, Batch(b) == 1 ? 0 : k * n, products, m, k, n);
        }
    }

    private static int Batch(Tensor x) => x.Shape.Product(0, x.Rank - 2);

    /// <summary>A batch that neither is one nor fits is repeated until it does.</summary>
    private static Tensor Repeated(Tensor x, Tensor y, int products) =>
        Batch(x) == 1 || products == 1 || Batch(x) == products ? x : x.BroadcastTo([.. y.Shape.Extents[..^2], .. x.Shape.Extents[^2..]]);
}

/// <summary>[…,M,K] · […,K,N] to […,M,N]; a vector on the left is a row, on the right a column, and loses that axis again.</summary>
internal sealed class MatMulKernel() : Kernel<MatMul>("MatMul")
{
    protected override void Compute(MatMul op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var matrices = y[0].View(AsMatrices(x[0]!, x[1]!, y[0]));
        Products.Compute(this, AsMatrix(x[0]!, 0), false, AsMatrix(x[1]!, 1), false, matrices);
    }

    protected override void Compute(GpuDevice gpu, MatMul op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var matrices = y[0].View(AsMatrices(x[0]!, x[1]!, y[0]));
        if (!Products.TryCompute(gpu, AsMatrix(x[0]!, 0), false, AsMatrix(x[1]!, 1), false, matrices))
            throw Unsupported(gpu, x[0]!, "float32, double, int32 and int64");
    }

    protected override void Backward(MatMul op, GradientCall call)
    {
        var (a, b) = (AsMatrix(call.X(0), 0), AsMatrix(call.X(1), 1));
        var dy = call.Dy(0).View(AsMatrices(call.X(0), call.X(1), call.Y(0)));
        if (b.Rank == 2)
            (a, dy) = (Flat(a), Flat(dy));
        var batch = dy.Shape.Extents[..^2];
        if (call.Wants(0))
        {
            var da = Tensor.Apply(new TurnedProduct(false, true, [.. batch, .. a.Shape.Extents[^2..]]), dy, b);
            call.Give(0, da.SumTo(a.Shape).View(call.X(0).Shape));
        }
        if (call.Wants(1))
        {
            var db = Tensor.Apply(new TurnedProduct(true, false, [.. batch, .. b.Shape.Extents[^2..]]), a, dy);
            call.Give(1, db.SumTo(b.Shape).View(call.X(1).Shape));
        }
    }

    /// <summary>The shape of the result before vectors lose their second axis.</summary>
    private static TensorShape AsMatrices(Tensor a, Tensor b, Tensor y)
    {
        var extents = y.Shape.ToList();
        if (a.Rank == 1)
            extents.Insert(extents.Count - (b.Rank == 1 ? 0 : 1), 1);
        if (b.Rank == 1)
            extents.Add(1);
        return TensorShape.Of([.. extents]);
    }

    private static Tensor AsMatrix(Tensor x, int vectorAxis) =>
        x.Rank > 1 ? x.Detach() : x.View(vectorAxis == 0 ? [1, x.Count] : [x.Count, 1]);

    /// <summary>The matrices of a batch one below the other.</summary>
    private static Tensor Flat(Tensor x) => x.View([x.Shape.Product(0, x.Rank - 1), x.Shape[^1]]);
}

/// <summary>alpha · a · b + beta · c for matrices, either turned or not. The scales and the sum are operators of their own.</summary>
internal sealed class GemmKernel() : Kernel<Gemm>("Gemm")
{
    public override Tensor[] Apply(Op op, ReadOnlySpan<Tensor?> inputs, int outputCount)
    {
        var gemm = (Gemm)op;
        var y = base.Apply(gemm.Alpha == 1 && gemm.Beta == 1 ? gemm : gemm with { Alpha = 1, Beta = 1 }, inputs[..2], outputCount)[0];
        y = gemm.Alpha == 1 ? y : y * gemm.Alpha;
        if (inputs.Length < 3 || inputs[2] is not { } c)
            return [y];
        return [y + (gemm.Beta == 1 ? c : c * gemm.Beta)];
    }

    protected override void Compute(Gemm op, ReadOnlySpan<Tensor?> x, Tensor[] y) => Products.Compute(this, x[0]!, op.TransA, x[1]!, op.TransB, y[0]);

    protected override void Compute(GpuDevice gpu, Gemm op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (!Products.TryCompute(gpu, x[0]!, op.TransA, x[1]!, op.TransB, y[0]))
            throw Unsupported(gpu, x[0]!, "float32, double, int32 and int64");
    }

    protected override void Backward(Gemm op, GradientCall call)
    {
        var (a, b, dy) = (call.X(0), call.X(1), call.Dy(0));
        if (call.Wants(0))
            call.Give(0, op.TransA
                ? Tensor.Apply(new TurnedProduct(op.TransB, true, a.Shape), b, dy)
                : Tensor.Apply(new TurnedProduct(false, !op.TransB, a.Shape), dy, b));
        if (call.Wants(1))
            call.Give(1, op.TransB
                ? Tensor.Apply(new TurnedProduct(true, op.TransA, b.Shape), dy, a)
                : Tensor.Apply(new TurnedProduct(!op.TransA, false, b.Shape), a, dy));
    }
}

/// <summary>The product of two matrices, or of batches of them, either turned, to a shape: what the gradients of products are.</summary>
internal sealed record TurnedProduct(bool TurnA, bool TurnB, TensorShape Y) : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts) => facts.Output(0, facts.DType(0), Y.Onnx);
}

internal sealed class TurnedProductKernel() : Kernel<TurnedProduct>("TurnedProduct", TrainingDomain.Name)
{
    protected override void Compute(TurnedProduct op, ReadOnlySpan<Tensor?> x, Tensor[] y) =>
        Products.Compute(this, x[0]!, op.TurnA, x[1]!, op.TurnB, y[0]);

    protected override void Compute(GpuDevice gpu, TurnedProduct op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        if (!Products.TryCompute(gpu, x[0]!, op.TurnA, x[1]!, op.TurnB, y[0]))
            throw Unsupported(gpu, x[0]!, "float32, double, int32 and int64");
    }
}
