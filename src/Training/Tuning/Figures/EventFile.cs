using System.Buffers;
using System.Globalization;
using Anneal.Onnx;

namespace Anneal.Training.Tuning;

/// <summary>
/// A file that TensorBoard shows: <c>events.Scalar("loss/train", loss, step); events.Flush();</c>. Each event is a record with checksums
/// (the framing of TFRecord), so that a process that is killed costs at most the events since the last <see cref="Flush"/>, and what came before
/// stays readable. Every file is new; a training that is resumed writes another into the same folder.
/// </summary>
public sealed class EventFile : IDisposable
{
    private static int Made;

    private readonly TimeProvider _clock;
    private readonly FileStream _stream;
    private readonly ArrayBufferWriter<byte> _pending = new();

    /// <summary>Begins a file in a folder, which is made where it is missing.</summary>
    /// <param name="folder">The folder; TensorBoard shows the files of one as one run.</param>
    /// <param name="resumedAt">The step from which a resumed training goes on: TensorBoard drops what earlier files hold from there. Null for a new training.</param>
    /// <param name="clock">What says when events happened; by default the system.</param>
    /// <exception cref="AnnealException">The folder cannot be written into.</exception>
    public EventFile(string folder, long? resumedAt = null, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _clock = clock ?? TimeProvider.System;
        FilePath = Path.Combine(folder, NewName());
        try
        {
            Directory.CreateDirectory(folder);
            _stream = new(FilePath, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new AnnealException($"{folder} cannot hold event files: {error.Message} Give a folder that can be written into.", error);
        }
        Add(EventMessage.Version(Seconds));
        if (resumedAt is { } step)
            Add(EventMessage.Resumed(Seconds, step));
        Flush();
    }

    /// <summary>The file.</summary>
    public string FilePath { get; }

    /// <summary>Adds a number to a curve.</summary>
    /// <param name="tag">The curve's name; what comes before a slash groups curves: <c>loss/train</c>.</param>
    /// <param name="value">The number, kept as a float32.</param>
    /// <param name="step">The step.</param>
    public void Scalar(string tag, double value, long step)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        Add(EventMessage.Scalar(Seconds, step, tag, (float)value));
    }

    /// <summary>Adds a text, which TensorBoard reads as Markdown.</summary>
    /// <param name="tag">The text's name.</param>
    /// <param name="text">The text.</param>
    /// <param name="step">The step.</param>
    public void Text(string tag, string text, long step)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        ArgumentNullException.ThrowIfNull(text);
        Add(EventMessage.Text(Seconds, step, tag, text));
    }

    /// <summary>Hands what was added to the system in one write. Call it after each epoch.</summary>
    /// <exception cref="AnnealException">The file cannot be written.</exception>
    public void Flush()
    {
        try
        {
            _stream.Write(_pending.WrittenSpan);
            _pending.ResetWrittenCount();
        }
        catch (IOException error)
        {
            throw new AnnealException($"{FilePath} cannot be written: {error.Message}", error);
        }
    }

    /// <summary>Writes what is left and closes the file.</summary>
    public void Dispose()
    {
        if (_stream.CanWrite)
            Flush();
        _stream.Dispose();
    }

    private double Seconds => (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

    /// <summary>TensorBoard takes files with this beginning, in the order of their names.</summary>
    private string NewName() => string.Create(
        CultureInfo.InvariantCulture,
        $"events.out.tfevents.{_clock.GetUtcNow().ToUnixTimeSeconds():D10}.{Environment.MachineName}.{Environment.ProcessId}.{Interlocked.Increment(ref Made)}");

    private void Add(ReadOnlySpan<byte> message) => EventRecord.Write(_pending, message);
}
