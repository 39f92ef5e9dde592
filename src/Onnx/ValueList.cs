using System.Collections;
using Anneal.Onnx.Wire;

namespace Anneal.Onnx;

/// <summary>
/// Values in file order. A file may describe a value in several places and not the same way; such another description is kept with the
/// place until the value's type is changed.
/// </summary>
internal sealed class ValueList : IReadOnlyList<Value>
{
    private readonly List<(Value Value, ValueDescription? Own, OnnxType? Seen)> _entries = [];

    public int Count => _entries.Count;

    public Value this[int index] => _entries[index].Value;

    public void Add(Value value, ValueDescription? own = null) => _entries.Add((value, own, value.StatedType));

    public void Insert(int index, Value value) => _entries.Insert(index, (value, null, null));

    public void Replace(int index, Value value) => _entries[index] = (value, null, null);

    public void RemoveAt(int index) => _entries.RemoveAt(index);

    public void RemoveAll(Value value) => _entries.RemoveAll(e => e.Value == value);

    public int IndexOf(Value value) => _entries.FindIndex(e => e.Value == value);

    /// <summary>Appends what stands here to another list, each value through a map, its own descriptions included.</summary>
    public void CopyTo(ValueList other, Func<Value, Value> map)
    {
        foreach (var (value, own, seen) in _entries)
            other._entries.Add((map(value), own, seen));
    }

    /// <summary>What to write at a place.</summary>
    public ValueDescription Description(int index)
    {
        var (value, own, seen) = _entries[index];
        return own is not null && ReferenceEquals(seen, value.StatedType) ? own : value.Describe();
    }

    public IEnumerator<Value> GetEnumerator() => _entries.Select(e => e.Value).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
