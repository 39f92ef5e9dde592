namespace Anneal.Onnx.Ops;

/// <summary>The family of matrix products.</summary>
internal static class MatrixProducts
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new Det(), [11, 22], 1, 1),
        new(new Einsum(), [12], 1, OpEntry.Any),
        new(new Gemm(), [1, 6, 7, 9, 11, 13], 2, 3),
        new(new MatMul(), [1, 9, 13], 2, 2),
        new(new MatMulInteger(), [10], 2, 4),
        new(new QLinearMatMul(), [10, 21], 8, 8),
    ];

    /// <summary>
    /// The shape of a matrix product as NumPy's matmul defines it: the last two axes multiply, those before broadcast, a vector counts as a row
    /// on the left and as a column on the right and its axis goes. Null when a rank is not known.
    /// </summary>
    public static Shape? Multiply(Inference facts, Shape? a, Shape? b)
    {
        if (a is { Rank: 0 } || b is { Rank: 0 })
            throw facts.Refuse("a scalar cannot be multiplied as a matrix");
        if (a is null || b is null)
            return null;
        facts.Same(a[a.Rank - 1], b[Math.Max(b.Rank - 2, 0)], "the last axis of the left matrix and the rows of the right one");
        var stacks = facts.Broadcast(new([.. a.SkipLast(2)]), new([.. b.SkipLast(2)]))!;
        var rows = a.Rank == 1 ? [] : new[] { a[a.Rank - 2] };
        var columns = b.Rank == 1 ? [] : new[] { b[b.Rank - 1] };
        return new([.. stacks, .. rows, .. columns]);
    }

    /// <summary>Each element of the output sums over the last axis of the left matrix.</summary>
    public static Cost Count(CostFacts facts) => new(facts.OutputElements() * facts.Extent(0, -1), 0);
}

/// <summary>The determinant of each matrix: x [*,M,M] to y [*] (ONNX operator <c>Det</c>).</summary>
public sealed record Det : Op
{
    internal override void Infer(Inference facts)
    {
        if (facts.Shape(0) is not { } x)
        {
            facts.Output(0, facts.DType(0), null);
            return;
        }
        if (x.Rank < 2)
            throw facts.Refuse("x [*,M,M] needs at least 2 axes");
        facts.Same(x[x.Rank - 2], x[x.Rank - 1], "the rows and columns of x");
        facts.Output(0, facts.DType(0), new([.. x.SkipLast(2)]));
    }

    /// <summary>Elimination: a third of the cube of the extent.</summary>
    internal override Cost Count(CostFacts facts) => new(facts.Elements(0) * facts.Extent(0, -1) / 3, 0);
}

/// <summary>α A B + β C; A [M,K] and B [K,N] may come transposed, C broadcasts to [M,N] and may be left out (ONNX operator <c>Gemm</c>).</summary>
public sealed record Gemm : Op
{
    /// <summary>α: the factor of the product.</summary>
    public float Alpha { get; init; } = 1;

    /// <summary>β: the factor of C.</summary>
    public float Beta { get; init; } = 1;

    /// <summary>Whether the first input holds A transposed, [K,M].</summary>
    public bool TransA { get; init; }

    /// <summary>Whether the second input holds B transposed, [N,K].</summary>
    public bool TransB { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        Alpha = attributes.Float("alpha", Alpha, 1),
        Beta = attributes.Float("beta", Beta, 1),
        TransA = attributes.Flag("transA", TransA, false),
        TransB = attributes.Flag("transB", TransB, false),
    };

    internal override void Infer(Inference facts)
    {
        var (m, k) = Matrix(facts, 0, TransA);
        var (rows, n) = Matrix(facts, 1, TransB);
        facts.Same(k, rows, "the columns of A and the rows of B");
        var y = new Shape(m, n);
        facts.RequireStretchable(2, y, "C");
        facts.Output(0, facts.SameType([.. facts.Has(2) ? [0, 1, 2] : new[] { 0, 1 }]), y);
    }

    private static (Dim Rows, Dim Columns) Matrix(Inference facts, int index, bool isTransposed)
    {
        if (facts.Shape(index) is not { } shape)
            return (Dim.Unknown, Dim.Unknown);
        if (shape.Rank != 2)
            throw facts.Refuse($"input {index} should be a matrix, but has the shape {shape}");
        return isTransposed ? (shape[1], shape[0]) : (shape[0], shape[1]);
    }

    internal override Cost Count(CostFacts facts) => new(facts.OutputElements() * facts.Extent(0, TransA ? 0 : 1), facts.Has(2) ? facts.OutputElements() : 0);
}

/// <summary>The product of matrices and of stacks of them, as NumPy's matmul (ONNX operator <c>MatMul</c>).</summary>
public sealed record MatMul : Op
{
    internal override void Infer(Inference facts) =>
        facts.Output(0, facts.SameType(0, 1), MatrixProducts.Multiply(facts, facts.Shape(0), facts.Shape(1)));

    internal override Cost Count(CostFacts facts) => MatrixProducts.Count(facts);
}

/// <summary>
/// The product of 8-bit matrices, summed in 32 bits (ONNX operator <c>MatMulInteger</c>). Inputs: A, B, and their zero points, which may be left out.
/// </summary>
public sealed record MatMulInteger : Op
{
    internal override void Infer(Inference facts) =>
        facts.Output(0, DType.Int32, MatrixProducts.Multiply(facts, facts.Shape(0), facts.Shape(1)));

    internal override bool IsLearnable(int input) => input < 2;

    internal override Cost Count(CostFacts facts) => MatrixProducts.Count(facts);
}

/// <summary>
/// The product of quantised matrices (ONNX operator <c>QLinearMatMul</c>). Inputs: A, its scale and zero point; B, its scale and zero point; scale and
/// zero point of the output, which has the type of its zero point.
/// </summary>
public sealed record QLinearMatMul : Op
{
    internal override void Infer(Inference facts) =>
        facts.Output(0, facts.DType(7), MatrixProducts.Multiply(facts, facts.Shape(0), facts.Shape(3)));

    internal override bool IsLearnable(int input) => input is 0 or 3;

    internal override Cost Count(CostFacts facts) => MatrixProducts.Count(facts);
}
