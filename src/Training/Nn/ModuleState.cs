using Anneal.Onnx;

namespace Anneal.Training.Nn;

/// <summary>What is saved of a network: its parameters and buffers by name.</summary>
internal static class ModuleState
{
    private const int MostListed = 5;

    public static OrderedDictionary<string, Tensor> Of(ModuleBase module)
    {
        using var silence = Grad.Silently();
        var state = new OrderedDictionary<string, Tensor>();
        foreach (var (name, part) in Parts(module))
            state.Add(name, Copy(name, part));
        return state;
    }

    public static void Assign(ModuleBase module, IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var parts = Parts(module).ToDictionary();
        string[] faults =
        [
            .. Names("missing", parts.Keys.Except(state.Keys)),
            .. Names("unknown", state.Keys.Except(parts.Keys)),
            .. Names("of another type or shape", parts.Where(named => Differs(named.Value, named.Key, state)).Select(named => Difference(named.Value, named.Key, state))),
        ];
        if (faults.Length > 0)
            throw new AnnealException($"{module.Title} cannot take this state: {string.Join("; ", faults)}. Nothing was changed.");
        foreach (var (name, part) in parts)
            part.Assign(state[name]);
    }

    /// <summary>What is saved, by name: parameters, then buffers.</summary>
    public static IEnumerable<(string Name, MutableTensor Part)> Parts(ModuleBase module) =>
        module.NamedParameters().Select(named => (named.Name, (MutableTensor)named.Parameter)).Concat(module.NamedBuffers().Select(named => (named.Name, (MutableTensor)named.Buffer)));

    /// <summary>The copy belongs to whoever asked for it, not to the scope that happens to be open.</summary>
    private static Tensor Copy(string name, MutableTensor part)
    {
        var copy = Tensor.From(part.ToTensorData()).Keep();
        copy.MoveTo(null);
        copy.Name = name;
        return copy;
    }

    private static bool Differs(MutableTensor part, string name, IReadOnlyDictionary<string, Tensor> state) =>
        state.TryGetValue(name, out var value) && (part.DType != value.DType || part.Shape != value.Shape);

    private static string Difference(MutableTensor part, string name, IReadOnlyDictionary<string, Tensor> state) =>
        $"{name} ({part.DType} {part.Shape} here, {state[name].DType} {state[name].Shape} given)";

    private static IEnumerable<string> Names(string fault, IEnumerable<string> names)
    {
        string[] all = [.. names];
        if (all.Length > 0)
            yield return $"{fault}: {string.Join(", ", all.Take(MostListed))}{(all.Length > MostListed ? $" and {all.Length - MostListed} more" : "")}";
    }
}
