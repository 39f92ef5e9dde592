namespace Anneal.Onnx;

/// <summary>The names of a model that is being written, none twice, and the prefix that new ones get.</summary>
internal sealed class NameScope
{
    private readonly HashSet<string> _taken = [];
    private readonly Dictionary<string, int> _numbers = [];
    private string _prefix = "";

    /// <summary>Adds a level to the prefix until the result is disposed.</summary>
    public IDisposable Enter(string name) => EnterExactly(_prefix + name);

    /// <summary>Makes this the whole prefix until the result is disposed.</summary>
    public IDisposable EnterExactly(string name)
    {
        var outer = _prefix;
        _prefix = $"{name}/";
        return new Leaving(() => _prefix = outer);
    }

    /// <summary>Takes exactly this name.</summary>
    /// <exception cref="AnnealException">It is taken, or empty.</exception>
    public string Claim(string name) => name.Length > 0 && _taken.Add(name)
        ? name
        : throw new AnnealException(name.Length > 0 ? $"The name '{name}' is taken: names are distinct in the whole model." : "A value needs a name.");

    /// <summary>A name that can be taken: the wanted one inside the scope, or it with a number.</summary>
    public string Free(string wanted) => Free(wanted, 1)[0];

    /// <summary>Several names that can be taken together.</summary>
    public IReadOnlyList<string> Free(string wanted, int count)
    {
        var (hint, names) = (_prefix + wanted, new List<string>());
        if (!_taken.Contains(hint))
            names.Add(hint);
        for (var number = _numbers.GetValueOrDefault(hint) + 1; names.Count < count; number++)
            if ($"{hint}_{number}" is var name && !_taken.Contains(name))
            {
                names.Add(name);
                _numbers[hint] = number;
            }
        return names;
    }

    private sealed class Leaving(Action leave) : IDisposable
    {
        public void Dispose() => leave();
    }
}
