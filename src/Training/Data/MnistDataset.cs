using Anneal.Onnx;
using Anneal.Zoo.Images;

namespace Anneal.Training.Data;

/// <summary>
/// Pictures and labels of two IDX files, plain or gzip: MNIST and what has its form. Both files are held in memory, a byte a pixel.
/// </summary>
public sealed class MnistDataset : IDataset<PictureSample>
{
    private readonly string _file;
    private readonly Idx _pictures;
    private readonly Idx _labels;

    private MnistDataset(string file, Idx pictures, Idx labels, IReadOnlyList<string>? classNames)
    {
        (_file, _pictures, _labels) = (file, pictures, labels);
        ClassNames = classNames ?? [.. Enumerable.Range(0, _labels.Labels.ToArray().Max() + 1).Select(label => $"{label}")];
    }

    /// <inheritdoc/>
    public int Count => _labels.Shape[0];

    /// <summary>The names given; without, the labels' numbers as texts.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>A grey picture; its <see cref="PictureSample.Source"/> is the file and the picture's number: <c>t10k-images-idx3-ubyte.gz#17</c>.</summary>
    public PictureSample this[int index] => new(_pictures.Picture(index), _labels.Labels[index], NameOf(index));

    /// <summary>The part of a folder: <c>train-images-idx3-ubyte</c> and <c>train-labels-idx1-ubyte</c>, or <c>t10k-…</c>, also with <c>.gz</c>.</summary>
    /// <param name="folder">The folder of the files.</param>
    /// <param name="isTraining">Whether the training part is read, rather than the test part.</param>
    /// <exception cref="AnnealException">A file is missing, cut off or damaged.</exception>
    public static MnistDataset Read(string folder, bool isTraining)
    {
        var part = isTraining ? "train" : "t10k";
        return Read(Find(folder, $"{part}-images-idx3-ubyte"), Find(folder, $"{part}-labels-idx1-ubyte"));
    }

    /// <summary>Reads two files.</summary>
    /// <param name="pictures">An IDX file of bytes, [count, height, width].</param>
    /// <param name="labels">An IDX file of bytes, [count].</param>
    /// <param name="classNames">The names of the classes; null for the labels' numbers.</param>
    /// <exception cref="AnnealException">A file is missing, cut off, damaged, or does not fit the other.</exception>
    public static MnistDataset Read(string pictures, string labels, IReadOnlyList<string>? classNames = null)
    {
        var (pixels, classes) = (Idx.Read(pictures), Idx.Read(labels));
        if (pixels.Type != IdxType.UInt8 || pixels.Shape.Length != 3)
            throw new AnnealException($"{pictures} holds {pixels.Type} with {pixels.Shape.Length} extents; pictures are UInt8 [count,height,width].");
        if (classes.Type != IdxType.UInt8 || classes.Shape.Length != 1)
            throw new AnnealException($"{labels} holds {classes.Type} with {classes.Shape.Length} extents; labels are UInt8 [count].");
        if (pixels.Shape[0] != classes.Shape[0] || classes.Shape[0] == 0)
            throw new AnnealException($"{pictures} holds {pixels.Shape[0]} pictures and {labels} {classes.Shape[0]} labels; as many of each are needed, at least one.");
        var highest = classes.Labels.ToArray().Max();
        if (classNames is not null && highest >= classNames.Count)
            throw new AnnealException($"{labels} holds label {highest}; {classNames.Count} classes are named.");
        return new(pictures, pixels, classes, classNames);
    }

    /// <inheritdoc/>
    public int? LabelOf(int index) => _labels.Labels[index];

    /// <summary>The file and the picture's number in it.</summary>
    public string NameOf(int index) => new IdxPicture(_file, index).ToString();

    private static string Find(string folder, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string[] spellings = [name, $"{name}.gz"];
        return spellings.Select(spelling => Path.Combine(folder, spelling)).FirstOrDefault(File.Exists)
            ?? throw new AnnealException($"{folder} holds neither {spellings[0]} nor {spellings[1]}.");
    }
}
