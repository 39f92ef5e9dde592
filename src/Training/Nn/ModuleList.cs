using System.Collections;

namespace Anneal.Training.Nn;

/// <summary>Modules in a list, named <c>0</c>, <c>1</c>, …, for a network that chooses among them with <c>if</c> and <c>for</c>.</summary>
/// <typeparam name="T">What they have in common.</typeparam>
public sealed class ModuleList<T> : ModuleBase, IReadOnlyList<T> where T : ModuleBase
{
    private readonly List<T> _modules = [];

    /// <summary>A list of modules.</summary>
    public ModuleList(params IEnumerable<T> modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        foreach (var module in modules)
            Add(module);
    }

    /// <summary>How many modules there are.</summary>
    public int Count => _modules.Count;

    /// <summary>A module by its place.</summary>
    public T this[int index] => _modules[index];

    /// <summary>Appends a module. Returns it.</summary>
    public T Add(T module)
    {
        _modules.Add(Register($"{_modules.Count}", module));
        return module;
    }

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => _modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
