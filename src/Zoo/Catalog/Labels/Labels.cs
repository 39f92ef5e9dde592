using System.Collections;
using System.Collections.Concurrent;

namespace Anneal.Zoo;

/// <summary>What a model's classes are called, in the order of its scores.</summary>
public sealed class Labels : IReadOnlyList<string>
{
    private static readonly ConcurrentDictionary<string, Labels> Shipped = new();
    private readonly IReadOnlyList<Label> _labels;

    internal Labels(string origin, IReadOnlyList<Label> labels)
    {
        Origin = origin;
        _labels = labels;
    }

    /// <summary>The label sets that ship with the zoo.</summary>
    public static IReadOnlyList<string> Names { get; } = ["imagenet-1000", "cifar10", "mnist"];

    /// <summary>The name of the shipped set, the full path of the file, or where else the names come from.</summary>
    public string Origin { get; }

    /// <summary>How many classes there are.</summary>
    public int Count => _labels.Count;

    /// <summary>The whole text of a class: <c>tench, Tinca tinca</c>.</summary>
    /// <param name="index">The place of its score, from 0.</param>
    /// <exception cref="InvalidCatalogException">There are fewer labels.</exception>
    public string this[int index] => At(index).Text;

    /// <summary>The identifier of a class, such as the WordNet id <c>n01440764</c>; null when its file gives none.</summary>
    /// <param name="index">The place of its score, from 0.</param>
    /// <exception cref="InvalidCatalogException">There are fewer labels.</exception>
    public string? Id(int index) => At(index).Id;

    /// <summary>One of <see cref="Names"/>.</summary>
    /// <exception cref="InvalidCatalogException">No set of that name ships with the zoo.</exception>
    public static Labels Get(string name) => IsShipped(name)
        ? Shipped.GetOrAdd(name, ReadShipped)
        : throw new InvalidCatalogException($"No label set '{name}' ships with the zoo; there are {string.Join(", ", Names)}.");

    /// <summary>
    /// Reads a label file: a line for each class (<c>tench</c>, or <c>n01440764 tench, Tinca tinca</c>), a JSON object from index to text
    /// (<c>{"0": "tench"}</c>), or a JSON list of texts.
    /// </summary>
    /// <exception cref="InvalidCatalogException">The file cannot be read, or is none of these; the message says where.</exception>
    public static Labels FromFile(string path)
    {
        var full = Path.GetFullPath(path);
        return new(full, LabelReader.Read(full));
    }

    /// <summary>Labels from memory.</summary>
    /// <param name="names">What the classes are called, in the order of the scores.</param>
    /// <param name="origin">Where the names come from: what <see cref="Origin"/> and messages say.</param>
    /// <exception cref="InvalidCatalogException">There are no names, or one of them is blank.</exception>
    public static Labels FromNames(IReadOnlyList<string> names, string origin)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(origin);
        if (names.Count == 0)
            throw new InvalidCatalogException($"{origin} names no classes.");
        foreach (var (index, name) in names.Index())
            if (string.IsNullOrWhiteSpace(name))
                throw new InvalidCatalogException($"{origin}: expected the name of class {index}, found a blank one.");
        return new(origin, [.. names.Select(name => new Label(name, null))]);
    }

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => _labels.Select(label => label.Text).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static bool IsShipped(string name) => Names.Contains(name);

    private Label At(int index) => index >= 0 && index < Count ? _labels[index]
        : throw new InvalidCatalogException($"The labels '{Origin}' have {Count} classes, so there is none of index {index}; the model's classes are not these.");

    private static Labels ReadShipped(string name)
    {
        using var stream = typeof(Labels).Assembly.GetManifestResourceStream($"labels/{name}")
            ?? throw new InvalidOperationException($"Anneal.Zoo was built without the labels {name}.");
        using var reader = new StreamReader(stream);
        return new(name, LabelReader.Parse(reader.ReadToEnd(), name));
    }
}

/// <summary>One class.</summary>
/// <param name="Text">What it is called.</param>
/// <param name="Id">Its identifier, where the file gives one.</param>
internal sealed record Label(string Text, string? Id);
