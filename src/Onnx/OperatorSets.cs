using System.Collections;

namespace Anneal.Onnx;

/// <summary>One operator set: a domain (empty for ONNX's own) and its version.</summary>
public sealed class OperatorSet : ModelPart
{
    /// <summary>An operator set.</summary>
    public OperatorSet(string domain, long version) => (Domain, Version) = (domain, version);

    /// <summary>The domain as written; empty and <c>ai.onnx</c> both mean ONNX's own operators.</summary>
    public string Domain { get; }

    /// <summary>The version.</summary>
    public long Version { get; }

    /// <summary><c>domain version</c>, with ONNX's own domain spelled out.</summary>
    public override string ToString() => $"{OperatorSets.Normalise(Domain)} {Version}";
}

/// <summary>The operator sets that a model or a function imports, in file order.</summary>
public sealed class OperatorSets : IReadOnlyList<OperatorSet>
{
    private readonly List<OperatorSet> _sets = [];

    /// <inheritdoc/>
    public int Count => _sets.Count;

    /// <inheritdoc/>
    public OperatorSet this[int index] => _sets[index];

    /// <summary>The version of a domain's operators, or null when it is not imported; "" and "ai.onnx" are the same domain.</summary>
    public long? this[string domain]
    {
        get => _sets.Find(s => Normalise(s.Domain) == Normalise(domain))?.Version;
        set
        {
            var at = _sets.FindIndex(s => Normalise(s.Domain) == Normalise(domain));
            if (value is not { } version)
                _sets.RemoveAll(s => Normalise(s.Domain) == Normalise(domain));
            else if (at < 0)
                Add(new(domain, version));
            else
                _sets[at] = new(_sets[at].Domain, version) { Trace = _sets[at].Trace };
        }
    }

    /// <summary>The domain's full name: ONNX's own is written both "" and "ai.onnx".</summary>
    public static string Normalise(string domain) => domain.Length == 0 ? "ai.onnx" : domain;

    /// <summary>Appends an operator set.</summary>
    public void Add(OperatorSet set) => _sets.Add(set);

    /// <inheritdoc/>
    public IEnumerator<OperatorSet> GetEnumerator() => _sets.GetEnumerator();

    /// <summary>The sets, separated by commas.</summary>
    public override string ToString() => string.Join(", ", _sets);

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
