using System.Runtime.InteropServices;
using Anneal.Zoo.Images;

namespace Anneal.Training.Data.Pixels;

/// <summary>Pictures mirrored in place, and turned by right angles.</summary>
internal static class Mirror
{
    /// <summary>Swaps left and right.</summary>
    public static Picture Horizontally(Picture picture)
    {
        for (var y = 0; y < picture.Height; y++)
            ReversePixels(Canvas.Row(picture, y), picture.PixelBytes);
        return picture;
    }

    /// <summary>Swaps top and bottom.</summary>
    public static Picture Vertically(Picture picture)
    {
        var kept = new byte[picture.Stride];
        for (var (top, bottom) = (0, picture.Height - 1); top < bottom; top++, bottom--)
        {
            Canvas.Row(picture, top).CopyTo(kept);
            Canvas.Row(picture, bottom).CopyTo(Canvas.Row(picture, top));
            kept.CopyTo(Canvas.Row(picture, bottom));
        }
        return picture;
    }

    /// <summary>Turns by 180 degrees.</summary>
    public static Picture HalfTurn(Picture picture)
    {
        ReversePixels(Canvas.Bytes(picture), picture.PixelBytes);
        return picture;
    }

    /// <summary>Turns a square picture by 90 degrees, against the clock.</summary>
    public static Picture QuarterTurn(Picture picture)
    {
        var (side, bytes) = (picture.Width, picture.PixelBytes);
        var turned = Canvas.Blank(side, side, bytes);
        for (var y = 0; y < side; y++)
        {
            var target = Canvas.Row(turned, y);
            for (var x = 0; x < side; x++)
                Canvas.Row(picture, x).Slice((side - 1 - y) * bytes, bytes).CopyTo(target[(x * bytes)..]);
        }
        return Canvas.Replace(picture, turned);
    }

    private static void ReversePixels(Span<byte> bytes, int pixelBytes)
    {
        if (pixelBytes == 4)
            MemoryMarshal.Cast<byte, uint>(bytes).Reverse();
        else
            bytes.Reverse();
    }
}
