using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Anneal.Onnx;

namespace Anneal.Training.Tuning;

/// <summary>A file of features, mapped into memory. It was written at once and never changes.</summary>
internal sealed unsafe class FeatureChunk : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly FeatureHeader _header;
    private readonly byte* _start;

    private FeatureChunk(FileStream stream, FeatureHeader header)
    {
        _header = header;
        _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, header.FileLength, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
    }

    /// <summary>How many rows there are.</summary>
    public int Rows => _header.Rows;

    /// <summary>The shape of a row.</summary>
    public TensorShape Shape => _header.ToShape();

    /// <summary>Which picture a row is of.</summary>
    public ContentHash this[int row] => ContentHash.Read(new(_start + FeatureHeader.Size + ((long)row * ContentHash.Size), ContentHash.Size));

    /// <summary>Opens a file; null when it is not one of this space, is cut off, or has other bytes than were written.</summary>
    public static FeatureChunk? Open(string path, ContentHash space)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        var header = default(FeatureHeader);
        if (stream.ReadAtLeast(MemoryMarshal.AsBytes(new Span<FeatureHeader>(ref header)), FeatureHeader.Size, throwOnEndOfStream: false) < FeatureHeader.Size
            || !header.IsSound(space, stream.Length))
        {
            stream.Dispose();
            return null;
        }
        var chunk = new FeatureChunk(stream, header);
        if (chunk.HasItsDigest())
            return chunk;
        chunk.Dispose();
        return null;
    }

    /// <summary>Writes a file.</summary>
    /// <param name="path">Where.</param>
    /// <param name="space">What the features were made by.</param>
    /// <param name="pictures">What they are of.</param>
    /// <param name="shape">The shape of a row.</param>
    /// <param name="rows">The numbers.</param>
    public static void Write(string path, ContentHash space, ReadOnlySpan<ContentHash> pictures, TensorShape shape, ReadOnlySpan<float> rows)
    {
        var header = new FeatureHeader { Magic = FeatureHeader.Mark, Space = space, Rows = pictures.Length, Rank = shape.Rank };
        Span<int> extents = header.Shape;
        shape.Extents.CopyTo(extents);
        var head = new byte[header.DataOffset];
        MemoryMarshal.Write(head, header);
        for (var i = 0; i < pictures.Length; i++)
            pictures[i].Write(head.AsSpan(FeatureHeader.Size + (i * ContentHash.Size)));
        header.Digest = DigestOf(head, MemoryMarshal.AsBytes(rows));
        MemoryMarshal.Write(head, header);
        using var file = new PendingFile(path);
        file.Stream.Write(head);
        file.Stream.Write(MemoryMarshal.AsBytes(rows));
        file.Commit();
    }

    /// <summary>Copies a row.</summary>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public void CopyTo(int row, Span<float> destination)
    {
        var (handle, isHeld) = (_view.SafeMemoryMappedViewHandle, false);
        try
        {
            handle.DangerousAddRef(ref isHeld);
            Row(row).CopyTo(destination);
        }
        finally
        {
            if (isHeld)
                handle.DangerousRelease();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_view.SafeMemoryMappedViewHandle.IsClosed)
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private ReadOnlySpan<float> Row(int row) =>
        new(_start + _header.DataOffset + (row * (long)_header.RowLength * sizeof(float)), _header.RowLength);

    private bool HasItsDigest()
    {
        var head = new ReadOnlySpan<byte>(_start, (int)_header.DataOffset).ToArray();
        MemoryMarshal.Write(head, _header with { Digest = default });
        return DigestOf(head, new(_start + _header.DataOffset, checked((int)(_header.FileLength - _header.DataOffset)))) == _header.Digest;
    }

    private static ContentHash DigestOf(ReadOnlySpan<byte> head, ReadOnlySpan<byte> rows)
    {
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        hash.AppendData(head);
        hash.AppendData(rows);
        return ContentHash.Read(hash.GetHashAndReset());
    }
}
