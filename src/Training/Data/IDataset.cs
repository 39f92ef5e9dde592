namespace Anneal.Training.Data;

/// <summary>
/// Samples by number: pictures with their classes, rows of numbers. Any thread may ask, several at once. A sample that holds memory
/// (<see cref="IDisposable"/>) is made anew whenever it is asked for and belongs to who asked.
/// </summary>
/// <typeparam name="T">The sample, such as <see cref="PictureSample"/>.</typeparam>
public interface IDataset<out T>
{
    /// <summary>How many samples there are.</summary>
    int Count { get; }

    /// <summary>A sample, counted from 0.</summary>
    /// <exception cref="Onnx.AnnealException">The sample cannot be read.</exception>
    T this[int index] { get; }

    /// <summary>The names of the classes in the order of their labels, or null where nobody has named them.</summary>
    IReadOnlyList<string>? ClassNames => null;

    /// <summary>The class of a sample, without reading the sample; null where it is not known before.</summary>
    int? LabelOf(int index) => null;

    /// <summary>What errors call a sample, such as its file; null for one without a name.</summary>
    string? NameOf(int index) => null;

    /// <summary>The file that is the sample, all of it and nothing else, so that its bytes tell the sample; null for one that is none.</summary>
    string? FileOf(int index) => null;
}
