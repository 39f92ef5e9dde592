using Anneal.Zoo.Images;

namespace Anneal.Training.Data.Pixels;

/// <summary>Pillow's <c>Image.rotate</c> within the picture's own size: right angles move whole pixels, others go through a matrix.</summary>
internal static class Rotation
{
    /// <summary>The picture turned around its middle.</summary>
    /// <param name="picture">The picture, which is taken over.</param>
    /// <param name="degrees">The turn, against the clock.</param>
    /// <param name="interpolation">How a pixel between pixels is found.</param>
    /// <param name="fill">The brightness of what comes from outside.</param>
    public static Picture Run(Picture picture, double degrees, Interpolation interpolation, byte fill)
    {
        var turn = degrees % 360;
        turn = turn < 0 ? turn + 360 : turn;
        var isSquare = picture.Width == picture.Height;
        return turn switch
        {
            0 => picture,
            180 => Mirror.HalfTurn(picture),
            90 when isSquare => Mirror.QuarterTurn(picture),
            270 when isSquare => Mirror.HalfTurn(Mirror.QuarterTurn(picture)),
            _ => Warp.Run(picture, AffineMatrix.Rotation(turn, picture.Width / 2.0, picture.Height / 2.0), interpolation, fill),
        };
    }
}
