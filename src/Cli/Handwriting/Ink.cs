namespace Anneal.Cli.Handwriting;

/// <summary>
/// A little sheet on which strokes are drawn as MNIST has them: white on black, the character fitted into 20 by 20 pixels, its proportions
/// kept, and then moved so that its centre of mass is the middle of 28 by 28.
/// </summary>
internal sealed class Ink
{
    /// <summary>Rows and columns of the sheet.</summary>
    public const int Size = 28;

    private const int Box = 20;

    // How far outside a stroke its edge can still be felt, in pixels.
    private const double Fringe = 1.5;

    // How deep each pixel's middle lies in ink, in pixels: 0 on the edge of a stroke, negative outside.
    private readonly double[] _depth = new double[Size * Size];

    private Ink() => Array.Fill(_depth, double.NegativeInfinity);

    /// <summary>Draws a glyph with a hand.</summary>
    /// <param name="glyph">What is written.</param>
    /// <param name="hand">Who writes.</param>
    /// <param name="grain">The paper under each pixel, normally distributed, on which the edge frays.</param>
    /// <returns>Rows from the top, 0 for paper and 255 for ink.</returns>
    public static byte[] Draw(Glyph glyph, Hand hand, Func<int, double> grain)
    {
        var ink = new Ink();
        var strokes = Strokes(glyph, hand);
        var (scale, left, top) = Fit(strokes, hand.PenRadius);
        var length = 0;
        foreach (var stroke in strokes)
        {
            for (var i = 0; i + 1 < stroke.Count; i++)
                ink.Piece(Onto(stroke[i]), Onto(stroke[i + 1]), hand.PenRadius * (1 + (hand.Pressure * Math.Sin(0.22 * (length + i)))));
            length += stroke.Count;
        }
        return ink.Centred(hand.Softness, pixel => hand.Grain * grain(pixel));

        (double X, double Y) Onto((double X, double Y) point) => (left + (scale * point.X), top + (scale * point.Y));
    }

    private static List<List<(double X, double Y)>> Strokes(Glyph glyph, Hand hand)
    {
        var number = 0;
        return [.. glyph.Strokes.Select(stroke =>
        {
            Knot[] knots = [.. stroke.Select(knot => hand.Miss(knot, number++))];
            return Curve.Through(knots).Select(point => hand.Place(point.X, point.Y)).ToList();
        })];
    }

    /// <summary>The scale and the origin that put all ink into the middle box, its longer side filled.</summary>
    private static (double Scale, double Left, double Top) Fit(List<List<(double X, double Y)>> strokes, double radius)
    {
        var points = strokes.SelectMany(stroke => stroke).ToList();
        var (left, right) = (points.Min(point => point.X), points.Max(point => point.X));
        var (top, bottom) = (points.Min(point => point.Y), points.Max(point => point.Y));
        var scale = (Box - (2 * radius)) / Math.Max(right - left, bottom - top);
        return (scale, (Size / 2.0) - (scale * (left + right) / 2), (Size / 2.0) - (scale * (top + bottom) / 2));
    }

    /// <summary>A straight piece of a stroke with round ends.</summary>
    private void Piece((double X, double Y) from, (double X, double Y) to, double radius)
    {
        var reach = radius + Fringe;
        var (dx, dy) = (to.X - from.X, to.Y - from.Y);
        var length = Math.Max((dx * dx) + (dy * dy), 1e-12);
        for (var y = First(Math.Min(from.Y, to.Y) - reach); y <= Last(Math.Max(from.Y, to.Y) + reach); y++)
            for (var x = First(Math.Min(from.X, to.X) - reach); x <= Last(Math.Max(from.X, to.X) + reach); x++)
            {
                var (px, py) = (x + 0.5 - from.X, y + 0.5 - from.Y);
                var along = Math.Clamp(((px * dx) + (py * dy)) / length, 0, 1);
                var distance = Math.Sqrt(Square(px - (along * dx)) + Square(py - (along * dy)));
                ref var depth = ref _depth[(y * Size) + x];
                depth = Math.Max(depth, radius - distance);
            }
    }

    /// <summary>The pixels, moved by whole ones so that the centre of mass is the middle.</summary>
    private byte[] Centred(double softness, Func<int, double> fray)
    {
        var cover = new double[_depth.Length];
        var (mass, sumX, sumY) = (0.0, 0.0, 0.0);
        for (var i = 0; i < cover.Length; i++)
        {
            if (_depth[i] > -Fringe)
                cover[i] = Math.Clamp(0.5 + ((_depth[i] + fray(i)) / softness), 0, 1);
            mass += cover[i];
            sumX += cover[i] * ((i % Size) + 0.5);
            sumY += cover[i] * ((i / Size) + 0.5);
        }
        return Moved(cover, Whole((Size / 2.0) - (sumX / mass)), Whole((Size / 2.0) - (sumY / mass)));
    }

    private static byte[] Moved(double[] cover, int right, int down)
    {
        var pixels = new byte[cover.Length];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (x, y) = ((i % Size) - right, (i / Size) - down);
            if (x is >= 0 and < Size && y is >= 0 and < Size)
                pixels[i] = (byte)Whole(255 * cover[(y * Size) + x]);
        }
        return pixels;
    }

    private static int Whole(double value) => (int)Math.Round(value);

    private static int First(double edge) => Math.Clamp((int)Math.Floor(edge), 0, Size - 1);

    private static int Last(double edge) => Math.Clamp((int)Math.Ceiling(edge), 0, Size - 1);

    private static double Square(double value) => value * value;
}
