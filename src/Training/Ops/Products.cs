using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;

namespace Anneal.Training.Ops;

/// <summary>Matrix products, whose gradients are matrix products.</summary>
internal static class Products
{
    public static IEnumerable<Kernel> Kernels =>
    [
        new MatMulKernel(),
        new Composite<Gemm>("Gemm", Gemm),
    ];

    private static Tensor Gemm(Gemm op, ReadOnlySpan<Tensor?> x)
    {
        var y = (op.TransA ? x[0]!.Transpose(1, 0) : x[0]!).MatMul(op.TransB ? x[1]!.Transpose(1, 0) : x[1]!);
        y = op.Alpha == 1 ? y : y * op.Alpha;
        if (x.Length < 3 || x[2] is not { } c)
            return y;
        return y + (op.Beta == 1 ? c : c * op.Beta);
    }
}

/// <summary>[…,M,K] · […,K,N] to […,M,N]; a vector on the left is a row, on the right a column, and loses that axis again.</summary>
internal sealed class MatMulKernel() : Kernel<MatMul>("MatMul")
{
    protected override void Compute(MatMul op, ReadOnlySpan<Tensor?> x, Tensor[] y)
    {
        var (a, b) = (AsMatrix(x[0]!, 0), AsMatrix(x[1]!, 1));
        var batch = TensorShape.Of([.. AsMatrices(x[0]!, x[1]!, y[0]).Take(..^2)]);
        if (batch.Rank > 0)
            (a, b) = (Repeat(a, batch), Repeat(b, batch));
        switch (x[0]!.DType)
        {
            case DType.Float32: MatrixProduct.Run<float>(a, b, y[0]); break;
            case DType.Double: MatrixProduct.Run<double>(a, b, y[0]); break;
            case DType.Int64: MatrixProduct.Run<long>(a, b, y[0]); break;
            case DType.Int32: MatrixProduct.Run<int>(a, b, y[0]); break;
            default: throw Unsupported(x[0]!, "float32, double, int32 and int64");
        }
    }

    protected override void Backward(MatMul op, GradientCall call)
    {
        var (a, b) = (AsMatrix(call.X(0), 0), AsMatrix(call.X(1), 1));
        var dy = call.Dy(0).View(TensorShape.Of([.. AsMatrices(call.X(0), call.X(1), call.Y(0))]));
        if (call.Wants(0))
            call.Give(0, dy.MatMul(Turned(b)).SumTo(a.Shape).View(call.X(0).Shape));
        if (call.Wants(1))
            call.Give(1, Turned(a).MatMul(dy).SumTo(b.Shape).View(call.X(1).Shape));
    }

    /// <summary>The shape of the result before vectors lose their second axis.</summary>
    private static List<int> AsMatrices(Tensor a, Tensor b, Tensor y)
    {
        var extents = y.Shape.ToList();
        if (a.Rank == 1)
            extents.Insert(extents.Count - (b.Rank == 1 ? 0 : 1), 1);
        if (b.Rank == 1)
            extents.Add(1);
        return extents;
    }

    private static Tensor AsMatrix(Tensor x, int vectorAxis) =>
        x.Rank > 1 ? x.Detach() : x.View(vectorAxis == 0 ? [1, x.Count] : [x.Count, 1]);

    private static Tensor Repeat(Tensor x, TensorShape batch) => x.BroadcastTo([.. batch.Extents, .. x.Shape.Extents[^2..]]);

    private static Tensor Turned(Tensor x)
    {
        int[] perm = [.. Enumerable.Range(0, x.Rank - 2), x.Rank - 1, x.Rank - 2];
        return x.Transpose(perm);
    }
}
