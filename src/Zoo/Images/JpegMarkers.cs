using System.Buffers.Binary;

namespace Anneal.Zoo.Images;

/// <summary>
/// A JPEG's markers (ITU T.81, annex B). A frame that is progressive, or whose first scan lacks a component, is decoded from
/// coefficients that are all held, 2 bytes for each sample; of such a file the codec does not notice a missing end.
/// </summary>
internal static class JpegMarkers
{
    private const byte StartOfScan = 0xDA;
    private const byte EndOfImage = 0xD9;

    /// <summary>Reads the markers up to the first scan, and where it matters those after it.</summary>
    internal static ImageHeader Read(ReadOnlySpan<byte> file)
    {
        var header = new ImageHeader { WorkingBytesPerPixel = 8 };
        var (isProgressive, components) = (false, 0);
        for (var at = NextMarker(file, 2); at + 4 <= file.Length;)
        {
            var marker = file[at + 1];
            var segment = Segment(file, at);
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC) && segment.Length >= 6)
            {
                (isProgressive, components) = (marker is not (0xC0 or 0xC1), segment[5]);
                header = Frame(segment);
            }
            if (marker == StartOfScan && components > 0 && segment.Length > 0)
                return isProgressive || segment[0] < components
                    ? header with { IsCutOff = !HasEnd(file, at) }
                    : header with { CanScan = true, WorkingBytesPerPixel = 0 };
            at = NextMarker(file, at + 4 + segment.Length);
        }
        return header;
    }

    // Precision, height, width, number of components; then for each its sampling factors in the halves of the second of three bytes.
    private static ImageHeader Frame(ReadOnlySpan<byte> frame)
    {
        var (samples, most) = (0, 1);
        for (var at = 7; at < frame.Length; at += 3)
        {
            var own = (frame[at] >> 4) * (frame[at] & 15);
            (samples, most) = (samples + own, Math.Max(most, own));
        }
        return new()
        {
            Height = BinaryPrimitives.ReadUInt16BigEndian(frame[1..]),
            Width = BinaryPrimitives.ReadUInt16BigEndian(frame[3..]),
            WorkingBytesPerPixel = 2.0 * samples / most,
        };
    }

    private static ReadOnlySpan<byte> Segment(ReadOnlySpan<byte> file, int at)
    {
        var length = Math.Max(2, (int)BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]));
        return file[(at + 4)..Math.Min(file.Length, at + 2 + length)];
    }

    private static bool HasEnd(ReadOnlySpan<byte> file, int at)
    {
        while (at + 2 <= file.Length && file[at + 1] != EndOfImage)
            at = NextMarker(file, at + 4 <= file.Length ? at + 4 + Segment(file, at).Length : file.Length);
        return at + 2 <= file.Length;
    }

    // In the data of a scan FF is followed by 0 where it is data and by D0 to D7 at a restart; FF before FF is a fill byte.
    private static int NextMarker(ReadOnlySpan<byte> file, int at)
    {
        while (at + 2 <= file.Length)
        {
            var found = file[at..].IndexOf((byte)0xFF);
            if (found < 0 || at + found + 2 > file.Length)
                break;
            at += found;
            if (file[at + 1] is not (0 or 0xFF or (>= 0xD0 and <= 0xD7)))
                return at;
            at++;
        }
        return file.Length;
    }
}
