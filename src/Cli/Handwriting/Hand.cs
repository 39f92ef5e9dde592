using Anneal.Training;

namespace Anneal.Cli.Handwriting;

/// <summary>What one person at one moment makes of a character: how the knots move, and what the pen leaves on the paper.</summary>
internal sealed record Hand
{
    // The drawn numbers by name: a new one takes a new name and changes none of the others.
    private readonly Draws _draws;

    private readonly double _width, _slant, _turn, _taper, _sag, _shake;

    /// <summary>A hand drawn at random.</summary>
    /// <param name="draws">Whose hand.</param>
    public Hand(Draws draws)
    {
        _draws = draws;
        _width = 0.72 * Math.Exp(Normal("width", 0, 0.24));
        _slant = Normal("slant", 0.15, 0.28);
        _turn = Normal("turn", 0, 0.11);
        _taper = Normal("taper", 0, 0.18);
        _sag = Normal("sag", 0, 6);
        _shake = 3.2 * Math.Exp(Normal("shake", 0, 0.35));
        PenRadius = Math.Clamp(1.35 * Math.Exp(Normal("pen", 0, 0.28)), 0.7, 2.4);
        Pressure = Math.Abs(Normal("pressure", 0, 0.14));
        Softness = draws.For("softness").Uniform(0.8, 1.7);
        Grain = Math.Abs(Normal("grain", 0, 0.14));
    }

    /// <summary>Half the pen's width, in pixels.</summary>
    public double PenRadius { get; }

    /// <summary>By which share the pen's width changes along a stroke.</summary>
    public double Pressure { get; }

    /// <summary>Over how many pixels the edge of a stroke fades.</summary>
    public double Softness { get; }

    /// <summary>By how many pixels the edge of a stroke frays: a standard deviation.</summary>
    public double Grain { get; }

    /// <summary>A knot where this hand passes it: it misses it a little, each knot in another direction.</summary>
    /// <param name="knot">The knot of the glyph.</param>
    /// <param name="number">Which knot of the glyph, counted through all strokes.</param>
    public Knot Miss(Knot knot, int number) => knot with
    {
        X = knot.X + (_shake * _draws.For("x").Normal(number)),
        Y = knot.Y + (_shake * _draws.For("y").Normal(number)),
    };

    /// <summary>A point of the stroke as it stands on the paper: bent, narrowed, tapered, slanted and turned.</summary>
    public (double X, double Y) Place(double x, double y)
    {
        var (right, down) = Bend(x - 50, y - 50);
        down += _sag * Math.Cos(Math.PI * down / 100);
        right *= _width * (1 + (_taper * down / 50));
        right -= _slant * down;
        var (sine, cosine) = Math.SinCos(_turn);
        return ((right * cosine) - (down * sine), (right * sine) + (down * cosine));
    }

    /// <summary>The elastic part: waves about as long as the character push its parts about.</summary>
    private (double Right, double Down) Bend(double right, double down)
    {
        var (pushRight, pushDown) = (0.0, 0.0);
        for (var wave = 0; wave < 3; wave++)
        {
            var draws = _draws.For("wave").At(wave);
            var phase = (draws.Uniform(-0.07, 0.07, 0) * right) + (draws.Uniform(-0.07, 0.07, 1) * down) + draws.Uniform(0, 2 * Math.PI, 2);
            pushRight += 3 * draws.Normal(3) * Math.Sin(phase);
            pushDown += 3 * draws.Normal(4) * Math.Sin(phase);
        }
        return (right + pushRight, down + pushDown);
    }

    private double Normal(string name, double mean, double deviation) => mean + (deviation * _draws.For(name).Normal());
}
