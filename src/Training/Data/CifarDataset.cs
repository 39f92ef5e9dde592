using Anneal.Onnx;
using Anneal.Zoo.Images;

namespace Anneal.Training.Data;

/// <summary>
/// CIFAR-10 and CIFAR-100 in their binary form (Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009): records of one or
/// two labels and 32 x 32 pixels, a plane each of red, green, blue. All of a part's files are held in memory, 3 KiB a picture.
/// </summary>
public sealed class CifarDataset : IDataset<PictureSample>
{
    private const int Side = 32;
    private const int Plane = Side * Side;
    private const int PictureBytes = 3 * Plane;

    private readonly List<(string File, byte[] Bytes)> _files = [];
    private readonly int _labelBytes;
    private readonly int _labelAt;
    private readonly int[] _ends;

    private CifarDataset(string[] files, string names, int labelBytes, int labelAt)
    {
        (ClassNames, _labelBytes, _labelAt) = (ReadNames(names), labelBytes, labelAt);
        _ends = new int[files.Length];
        for (var i = 0; i < files.Length; i++)
        {
            _files.Add((files[i], ReadRecords(files[i])));
            Count = _ends[i] = Count + (_files[i].Bytes.Length / RecordBytes);
        }
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>A picture of 32 x 32; its <see cref="PictureSample.Source"/> is the file and the record's number: <c>test_batch.bin#17</c>.</summary>
    public PictureSample this[int index]
    {
        get
        {
            var (file, record) = Find(index);
            Span<byte> pixels = stackalloc byte[PictureBytes];
            Interleave(Record(file, record)[_labelBytes..], pixels);
            return new(Picture.FromPixels(Side, Side, pixels), LabelOf(index)!.Value, NameOf(index));
        }
    }

    private int RecordBytes => _labelBytes + PictureBytes;

    /// <summary>CIFAR-10: the 50,000 pictures of <c>data_batch_1.bin</c> to <c>data_batch_5.bin</c>, or the 10,000 of <c>test_batch.bin</c>.</summary>
    /// <param name="folder">The unpacked folder, usually <c>cifar-10-batches-bin</c>, with <c>batches.meta.txt</c>.</param>
    /// <param name="isTraining">Whether the training part is read, rather than the test part.</param>
    /// <exception cref="AnnealException">A file is missing, cut off or damaged.</exception>
    public static CifarDataset Cifar10(string folder, bool isTraining) => new(
        isTraining ? [.. Enumerable.Range(1, 5).Select(i => Path.Combine(folder, $"data_batch_{i}.bin"))] : [Path.Combine(folder, "test_batch.bin")],
        Path.Combine(folder, "batches.meta.txt"), labelBytes: 1, labelAt: 0);

    /// <summary>CIFAR-100: the 50,000 pictures of <c>train.bin</c> or the 10,000 of <c>test.bin</c>.</summary>
    /// <param name="folder">The unpacked folder, usually <c>cifar-100-binary</c>, with <c>fine_label_names.txt</c> and <c>coarse_label_names.txt</c>.</param>
    /// <param name="isTraining">Whether the training part is read, rather than the test part.</param>
    /// <param name="isCoarse">Whether the labels are the 20 superclasses, rather than the 100 classes.</param>
    /// <exception cref="AnnealException">A file is missing, cut off or damaged.</exception>
    public static CifarDataset Cifar100(string folder, bool isTraining, bool isCoarse = false) => new(
        [Path.Combine(folder, isTraining ? "train.bin" : "test.bin")],
        Path.Combine(folder, isCoarse ? "coarse_label_names.txt" : "fine_label_names.txt"), labelBytes: 2, labelAt: isCoarse ? 0 : 1);

    /// <inheritdoc/>
    public int? LabelOf(int index)
    {
        var (file, record) = Find(index);
        return Record(file, record)[_labelAt];
    }

    /// <summary>The file and the record's number in it.</summary>
    public string NameOf(int index)
    {
        var (file, record) = Find(index);
        return $"{_files[file].File}#{record}";
    }

    private ReadOnlySpan<byte> Record(int file, int record) => _files[file].Bytes.AsSpan(record * RecordBytes, RecordBytes);

    private (int File, int Record) Find(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var file = Array.FindIndex(_ends, end => index < end);
        return (file, index - (file == 0 ? 0 : _ends[file - 1]));
    }

    private static void Interleave(ReadOnlySpan<byte> planes, Span<byte> pixels)
    {
        for (var i = 0; i < Plane; i++)
            (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]) = (planes[i], planes[Plane + i], planes[(2 * Plane) + i]);
    }

    private static string[] ReadNames(string path) =>
        [.. Read(path, File.ReadAllLines).Select(line => line.Trim()).Where(line => line.Length > 0)];

    private byte[] ReadRecords(string path)
    {
        var bytes = Read(path, File.ReadAllBytes);
        if (bytes.Length == 0 || bytes.Length % RecordBytes != 0)
            throw new AnnealException($"{path} has {bytes.Length} bytes; records of {RecordBytes} (labels and 32 x 32 pixels) were expected, whole ones. It is cut off or another file.");
        for (var at = 0; at < bytes.Length; at += RecordBytes)
            if (bytes[at + _labelAt] >= ClassNames.Count)
                throw new AnnealException($"{path}: record {at / RecordBytes} has label {bytes[at + _labelAt]}; there are {ClassNames.Count} classes. It is damaged or another file.");
        return bytes;
    }

    private static TContent Read<TContent>(string path, Func<string, TContent> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new AnnealException($"{path} cannot be read: {error.Message} CIFAR is read from its binary version, unpacked.", error);
        }
    }
}
