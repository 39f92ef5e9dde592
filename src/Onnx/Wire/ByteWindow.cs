namespace Anneal.Onnx.Wire;

/// <summary>Bytes of a file or of memory, read one at a time from any position through a small window.</summary>
internal sealed class ByteWindow
{
    private const int WindowLength = 1 << 16;

    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle? _file;
    private ReadOnlyMemory<byte> _window;
    private long _windowStart;
    private readonly byte[]? _buffer;

    public ByteWindow(ReadOnlyMemory<byte> memory) => (_window, Length) = (memory, memory.Length);

    public ByteWindow(Microsoft.Win32.SafeHandles.SafeFileHandle file, long length) =>
        (_file, _buffer, Length) = (file, new byte[WindowLength], length);

    public long Length { get; }

    public long Position { get; set; }

    public byte ReadByte()
    {
        if (Position < _windowStart || Position >= _windowStart + _window.Length)
            Refill();
        return _window.Span[(int)(Position++ - _windowStart)];
    }

    private void Refill()
    {
        var read = _file is null ? 0 : RandomAccess.Read(_file, _buffer, Position);
        if (read == 0)
            throw new InvalidModelException($"The file ended at byte {Position}; it was {Length} bytes long when it was opened.");
        (_window, _windowStart) = (_buffer.AsMemory(0, read), Position);
    }
}
