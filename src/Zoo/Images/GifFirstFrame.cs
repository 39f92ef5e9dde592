using System.Buffers.Binary;

namespace Anneal.Zoo.Images;

/// <summary>
/// The first picture of a GIF as Pillow converts it to RGB: transparency is dropped, so a transparent pixel shows the colour of its
/// index, and what the picture leaves of the screen shows the transparent index or index 0. A codec that composes frames forgets
/// those colours, so the mark of transparency is taken out of the file's bytes before it sees them.
/// </summary>
internal sealed class GifFirstFrame
{
    private readonly (int Left, int Top, int Width, int Height) _frame;
    private readonly (byte Red, byte Green, byte Blue) _background;

    private GifFirstFrame((int Left, int Top, int Width, int Height) frame, (byte Red, byte Green, byte Blue) background) =>
        (_frame, _background) = (frame, background);

    /// <summary>
    /// Finds the first picture (GIF89a, sections 17 to 23) and clears its mark of transparency in <paramref name="file"/>; null for a
    /// file that ends before it.
    /// </summary>
    internal static GifFirstFrame? Prepare(Span<byte> file)
    {
        if (file.Length < 13)
            return null;
        var globalTable = TableBytes(file[10]);
        var (at, control) = (13 + globalTable, -1);
        while (at + 10 <= file.Length && file[at] == 0x21)
        {
            if (file[at + 1] == 0xF9 && file[at + 2] >= 4)
                control = at + 3;
            at = SkipBlocks(file, at + 2);
        }
        if (at + 10 > file.Length || file[at] != 0x2C)
            return null;
        var localTable = TableBytes(file[at + 9]);
        var table = localTable > 0 ? (Start: at + 10, Length: localTable) : (Start: 13, Length: globalTable);
        var index = control >= 0 && (file[control] & 1) != 0 ? file[control + 3] : 0;
        if (control >= 0)
            file[control] &= 0xFE;
        return new(Frame(file[(at + 1)..]), Color(file, table.Start, table.Length, index));
    }

    /// <summary>Paints what the first picture leaves of the screen.</summary>
    internal void PaintAround(Picture picture)
    {
        for (var y = 0; y < picture.Height; y++)
            for (var x = 0; x < picture.Width; x++)
                if (y < _frame.Top || y >= _frame.Top + _frame.Height || x < _frame.Left || x >= _frame.Left + _frame.Width)
                    picture.SetRgb(x, y, _background.Red, _background.Green, _background.Blue);
    }

    private static int TableBytes(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    private static int SkipBlocks(ReadOnlySpan<byte> file, int at)
    {
        while (at < file.Length && file[at] != 0)
            at += 1 + file[at];
        return at + 1;
    }

    private static (int Left, int Top, int Width, int Height) Frame(ReadOnlySpan<byte> descriptor) => (
        BinaryPrimitives.ReadUInt16LittleEndian(descriptor),
        BinaryPrimitives.ReadUInt16LittleEndian(descriptor[2..]),
        BinaryPrimitives.ReadUInt16LittleEndian(descriptor[4..]),
        BinaryPrimitives.ReadUInt16LittleEndian(descriptor[6..]));

    private static (byte Red, byte Green, byte Blue) Color(ReadOnlySpan<byte> file, int start, int length, int index)
    {
        var at = start + 3 * index;
        return 3 * index + 3 <= length && at + 3 <= file.Length ? (file[at], file[at + 1], file[at + 2]) : default;
    }
}
