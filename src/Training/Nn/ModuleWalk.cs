namespace Anneal.Training.Nn;

/// <summary>The order in which a network's parts are named: outer before inner, as they were registered, each once.</summary>
internal static class ModuleWalk
{
    public static IEnumerable<(string Name, ModuleBase Module)> From(ModuleBase root)
    {
        var met = new HashSet<ModuleBase>();
        var waiting = new Stack<(string Name, ModuleBase Module)>([("", root)]);
        while (waiting.TryPop(out var next))
        {
            if (!met.Add(next.Module))
                continue;
            yield return next;
            foreach (var (name, part) in next.Module.Children.Reverse())
                waiting.Push((Join(next.Name, name), part));
        }
    }

    public static IEnumerable<(string Name, T Part)> Parts<T>(ModuleBase root, Func<ModuleBase, IEnumerable<(string Name, T Part)>> partsOf) where T : class
    {
        var met = new HashSet<T>();
        foreach (var (place, module) in From(root))
            foreach (var (name, part) in partsOf(module))
                if (met.Add(part))
                    yield return (Join(place, name), part);
    }

    private static string Join(string place, string name) => place.Length == 0 ? name : $"{place}.{name}";
}
