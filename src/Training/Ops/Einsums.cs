using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Cpu;

namespace Anneal.Training.Ops;

/// <summary>Sums of products by named axes, two terms after another: each step is a matrix product.</summary>
internal static class Einsums
{
    public static IEnumerable<Kernel> Kernels => [new Composite<Einsum>("Einsum", Compute) { IsChecked = true }];

    /// <summary>Narrow integers are multiplied as wide ones, which leave the same low bits.</summary>
    private static Tensor Compute(Einsum op, ReadOnlySpan<Tensor?> inputs)
    {
        var type = inputs[0]!.DType;
        if (type.IsInteger() && type is not (DType.Int32 or DType.Int64))
            return Compute(op, [.. inputs.ToArray().Select(input => input!.To(DType.Int64))]).To(type);
        var equation = new Equation(op.Equation, [.. inputs.ToArray().Select(input => input!.Rank)]);
        var sum = Diagonal(new(inputs[0]!, equation.Terms[0]));
        for (var i = 1; i < inputs.Length; i++)
            sum = Contract(sum, Diagonal(new(inputs[i]!, equation.Terms[i])), equation.NeededAfter(i));
        sum = Sum(sum, equation.Output);
        return Ordered(sum, equation.Output);
    }

    /// <summary>A term in which an axis is named twice has its elements where both agree.</summary>
    private static Term Diagonal(Term term)
    {
        var axes = string.Concat(term.Axes.Distinct());
        if (axes.Length == term.Axes.Length)
            return term;
        var own = term.X.Shape.Strides;
        var (extents, steps) = (new int[axes.Length], new int[axes.Length]);
        for (var axis = 0; axis < own.Length; axis++)
        {
            var at = axes.IndexOf(term.Axes[axis]);
            (extents[at], steps[at]) = (term.X.Shape[axis], steps[at] + own[axis]);
        }
        var shape = TensorShape.Of(extents);
        var (places, walk) = (new long[shape.ElementCount], new Odometer(shape, steps));
        for (var i = 0; i < places.Length; i++, walk.Next())
            places[i] = walk.Offset;
        return new(term.X.Reshape(-1).Gathered(Tensor.From(places, shape)), axes);
    }

    /// <summary>Two terms multiplied, and summed over the axes that nothing needs afterwards.</summary>
    private static Term Contract(Term a, Term b, string needed)
    {
        (a, b) = (Sum(a, needed + b.Axes), Sum(b, needed + a.Axes));
        var shared = string.Concat(a.Axes.Intersect(b.Axes));
        (a, b) = (Stretched(a, b, shared), Stretched(b, a, shared));
        var (batch, summed) = (string.Concat(shared.Intersect(needed)), string.Concat(shared.Except(needed)));
        var (left, right) = (string.Concat(a.Axes.Except(shared)), string.Concat(b.Axes.Except(shared)));
        var (x, y) = (Ordered(a, batch + left + summed), Ordered(b, batch + summed + right));
        int[] extents = [.. (batch + left).Select(a.Extent), .. right.Select(b.Extent)];
        var product = Matrices(x, batch.Length, left.Length).MatMul(Matrices(y, batch.Length, summed.Length));
        return new(product.Reshape(extents), batch + left + right);
    }

    /// <summary>Batches, rows and columns: the axes of each joined to one.</summary>
    private static Tensor Matrices(Tensor x, int batchAxes, int rowAxes)
    {
        var (rows, columns) = (x.Shape.Product(batchAxes, batchAxes + rowAxes), x.Shape.Product(batchAxes + rowAxes, x.Rank));
        return batchAxes == 0 ? x.Reshape(rows, columns) : x.Reshape(x.Shape.Product(0, batchAxes), rows, columns);
    }

    /// <summary>A term whose shared axes of extent 1 have the other's extent.</summary>
    private static Term Stretched(Term term, Term other, string shared)
    {
        int[] extents = [.. term.Axes.Select(axis => shared.Contains(axis) && term.Extent(axis) == 1 ? other.Extent(axis) : term.Extent(axis))];
        return term with { X = term.X.BroadcastTo(TensorShape.Of(extents)) };
    }

    private static Term Sum(Term term, string kept)
    {
        int[] summed = [.. Enumerable.Range(0, term.Axes.Length).Where(axis => !kept.Contains(term.Axes[axis]))];
        return summed.Length == 0 ? term : new(term.X.Sum(summed), string.Concat(term.Axes.Where(kept.Contains)));
    }

    private static Tensor Ordered(Term term, string order)
    {
        int[] perm = [.. order.Select(axis => term.Axes.IndexOf(axis))];
        return perm.SequenceEqual(Enumerable.Range(0, perm.Length)) ? term.X : term.X.Transpose(perm);
    }

    /// <summary>A tensor whose axes have names of one letter.</summary>
    private sealed record Term(Tensor X, string Axes)
    {
        public int Extent(char axis) => X.Shape[Axes.IndexOf(axis)];
    }

    /// <summary>An equation with a letter for every axis: those that the ellipsis stands for get digits, counted from the last.</summary>
    private sealed class Equation
    {
        private const string Ellipsis = "...";

        public Equation(string text, int[] ranks)
        {
            var sides = text.Replace(" ", "", StringComparison.Ordinal).Split("->");
            var terms = sides[0].Split(',');
            Terms = [.. terms.Select((term, i) => Spell(term, ranks[i] - (term.Length - Ellipsis.Length)))];
            var nameless = Terms.SelectMany(term => term).Where(axis => !char.IsAsciiLetter(axis)).Distinct().Count();
            Output = sides.Length == 2 ? Spell(sides[1], nameless) : Implied(nameless);
        }

        public string[] Terms { get; }

        public string Output { get; }

        /// <summary>The axes that the output or a term after one names.</summary>
        public string NeededAfter(int term) => Output + string.Concat(Terms[(term + 1)..]);

        /// <summary>A term with its ellipsis, if any, spelled as so many axes.</summary>
        private static string Spell(string term, int nameless) => term.Replace(Ellipsis, Nameless(nameless), StringComparison.Ordinal);

        private static string Nameless(int count) => string.Concat(Enumerable.Range(0, Math.Max(0, count)).Select(i => (char)('!' + count - 1 - i)));

        private string Implied(int nameless) => Nameless(nameless) + string.Concat(Terms.SelectMany(term => term)
            .Where(char.IsAsciiLetter).GroupBy(axis => axis).Where(group => group.Count() == 1).Select(group => group.Key).Order());
    }
}
