using Anneal.Onnx;

namespace Anneal.Training.Nn;

/// <summary>The numbers of the initialisers that are more than one formula.</summary>
internal static class InitNumbers
{
    /// <summary>A normal distribution between bounds.</summary>
    public readonly record struct Truncation(double Mean, double Deviation, double Least, double Greatest);

    public static Tensor TruncatedNormal(Draws draws, TensorShape shape, Truncation of, DType dtype)
    {
        if (!(of.Deviation > 0) || !(of.Least < of.Greatest))
            throw new ArgumentException($"A truncated normal distribution needs a deviation above 0 and a lower bound below the upper; {of} was given.");
        if (of.Least > of.Mean + (2 * of.Deviation) || of.Greatest < of.Mean - (2 * of.Deviation))
            throw new ArgumentException($"The bounds lie more than two deviations from the mean, where hardly a number is ever drawn; {of} was given.");
        var elements = new double[shape.ElementCount];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = Between(draws.At(i), of);
        return Tensor.From(elements, shape).To(dtype);
    }

    /// <summary>
    /// Gram and Schmidt's process on rows of normal numbers, each row twice, which is enough for rows that are orthogonal to the last digits
    /// (Giraud et al. 2005). Drawn so, every orthogonal matrix is as likely as any other.
    /// </summary>
    public static Tensor Orthogonal(Draws draws, TensorShape shape, double gain, DType dtype)
    {
        var (rows, columns) = (shape[0], shape.Product(1, shape.Rank));
        var (count, length) = (Math.Min(rows, columns), Math.Max(rows, columns));
        var basis = new double[count][];
        for (var row = 0; row < count; row++)
        {
            basis[row] = new double[length];
            for (var i = 0; i < length; i++)
                basis[row][i] = draws.Normal(((long)row * length) + i);
            Straighten(basis, row);
            Straighten(basis, row);
        }
        var elements = new double[shape.ElementCount];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = gain * (rows <= columns ? basis[i / columns][i % columns] : basis[i % columns][i / columns]);
        return Tensor.From(elements, shape).To(dtype);
    }

    /// <summary>Takes off a row what it has in common with those before, and brings it to length 1.</summary>
    private static void Straighten(double[][] basis, int row)
    {
        for (var before = 0; before < row; before++)
            Add(basis[row], basis[before], -Dot(basis[row], basis[before]));
        var length = Math.Sqrt(Dot(basis[row], basis[row]));
        for (var i = 0; i < basis[row].Length; i++)
            basis[row][i] /= length;
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private static void Add(double[] to, double[] row, double factor)
    {
        for (var i = 0; i < to.Length; i++)
            to[i] += factor * row[i];
    }

    /// <summary>
    /// The first draw that is accepted: normal numbers inside the bounds, or, where those are close together, even numbers between them kept as
    /// often as the distribution is high there.
    /// </summary>
    private static double Between(Draws draws, Truncation of)
    {
        var isNarrow = of.Greatest - of.Least < of.Deviation;
        var highest = Math.Clamp(of.Mean, of.Least, of.Greatest);
        for (var round = 0L; ; round++)
        {
            var number = isNarrow ? draws.Uniform(of.Least, of.Greatest, 2 * round) : of.Mean + (of.Deviation * draws.Normal(round));
            if (number >= of.Least && number <= of.Greatest && (!isNarrow || draws.Uniform((2 * round) + 1) < Height(number) / Height(highest)))
                return number;
        }

        double Height(double number) => Math.Exp(-0.5 * Math.Pow((number - of.Mean) / of.Deviation, 2));
    }
}
