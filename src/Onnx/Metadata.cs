using System.Collections;

namespace Anneal.Onnx;

/// <summary>One named string of a model part's metadata.</summary>
public sealed class MetadataEntry : ModelPart
{
    /// <summary>An entry.</summary>
    public MetadataEntry(string key, string value) => (Key, Value) = (key, value);

    /// <summary>The key; distinct within one part by convention.</summary>
    public string Key { get; }

    /// <summary>The value.</summary>
    public string Value { get; }

    /// <summary><c>key = value</c>.</summary>
    public override string ToString() => $"{Key} = {Value}";
}

/// <summary>Named strings in file order. Files may repeat a key; lookups find its first entry, and every entry survives a save.</summary>
public sealed class Metadata : IReadOnlyList<MetadataEntry>
{
    private readonly List<MetadataEntry> _entries = [];

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <inheritdoc/>
    public MetadataEntry this[int index] => _entries[index];

    /// <summary>The value of a key: null when there is none; setting replaces the first entry, setting null removes every one.</summary>
    public string? this[string key]
    {
        get => _entries.Find(e => e.Key == key)?.Value;
        set
        {
            var at = _entries.FindIndex(e => e.Key == key);
            if (value is null)
                _entries.RemoveAll(e => e.Key == key);
            else if (at < 0)
                Add(new(key, value));
            else
                _entries[at] = new(key, value);
        }
    }

    /// <summary>Appends an entry, whether its key is there already or not.</summary>
    public void Add(MetadataEntry entry) => _entries.Add(entry);

    /// <summary>Appends every entry to another metadata; entries never change, so they are shared.</summary>
    internal void CopyTo(Metadata other) => other._entries.AddRange(_entries);

    /// <summary>Removes every entry.</summary>
    public void Clear() => _entries.Clear();

    /// <inheritdoc/>
    public IEnumerator<MetadataEntry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
