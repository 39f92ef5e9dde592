using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Anneal.Onnx.Wire;

/// <summary>
/// A file as a sequence of bytes of known length that is read while it is parsed. Google.Protobuf allocates a long field of such a
/// sequence once, at its full length, and copies into it piece by piece; parsing from a stream it would first collect pieces and then join
/// them, at twice the memory. All segments share one buffer: the parser never looks back at a segment it has left.
/// </summary>
internal static class FileSequence
{
    private const int ChunkLength = 1 << 20;

    public static ReadOnlySequence<byte> Open(SafeFileHandle file, long length)
    {
        if (length == 0)
            return ReadOnlySequence<byte>.Empty;
        var window = new Window(file);
        var first = new Segment(window, 0, length);
        var last = first;
        while (last.End < length)
            last = last.Append(window, length);
        return new(first, 0, last, last.Memory.Length);
    }

    /// <summary>The one buffer, and which chunk is in it.</summary>
    private sealed class Window(SafeFileHandle file)
    {
        private readonly byte[] _buffer = new byte[ChunkLength];
        private long _start = -1;

        public Span<byte> Read(long start, int length)
        {
            if (start != _start)
                Fill(start, length);
            return _buffer.AsSpan(0, length);
        }

        private void Fill(long start, int length)
        {
            _start = -1;
            for (var done = 0; done < length;)
            {
                var read = RandomAccess.Read(file, _buffer.AsSpan(done, length - done), start + done);
                done += read > 0 ? read : throw new InvalidModelException($"The file ended at byte {start + done} while it was read.");
            }
            _start = start;
        }
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(Window window, long start, long fileLength)
        {
            var chunk = new Chunk(window, start, (int)Math.Min(ChunkLength, fileLength - start));
            (RunningIndex, Memory) = (start, chunk.Memory);
        }

        public long End => RunningIndex + Memory.Length;

        public Segment Append(Window window, long fileLength)
        {
            var next = new Segment(window, End, fileLength);
            Next = next;
            return next;
        }
    }

    /// <summary>Memory that is read from the file when somebody looks at it.</summary>
    private sealed class Chunk(Window window, long start, int length) : MemoryManager<byte>
    {
        public override Memory<byte> Memory => CreateMemory(length);

        public override Span<byte> GetSpan() => window.Read(start, length);

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("The buffer is shared between chunks.");

        public override void Unpin() { }

        protected override void Dispose(bool disposing) { }
    }
}
