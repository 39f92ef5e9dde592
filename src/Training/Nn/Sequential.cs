namespace Anneal.Training.Nn;

/// <summary>Modules one after the other, named <c>0</c>, <c>1</c>, …: each takes what the one before gives.</summary>
public sealed class Sequential : Module
{
    private readonly Module[] _modules;

    /// <summary>An empty chain, which passes x through.</summary>
    public Sequential() => _modules = [];

    /// <summary>A chain of modules.</summary>
    public Sequential(params ReadOnlySpan<Module> modules)
    {
        _modules = modules.ToArray();
        for (var i = 0; i < _modules.Length; i++)
            Register($"{i}", _modules[i]);
    }

    /// <summary>A chain of modules with names.</summary>
    public Sequential(params ReadOnlySpan<(string Name, Module Module)> modules)
    {
        _modules = new Module[modules.Length];
        for (var i = 0; i < _modules.Length; i++)
            _modules[i] = Register(modules[i].Name, modules[i].Module);
    }

    /// <summary>How many modules there are.</summary>
    public int Count => _modules.Length;

    /// <summary>A module by its place.</summary>
    public Module this[Index index] => _modules[index];

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x)
    {
        foreach (var module in _modules)
            x = module.Forward(x);
        return x;
    }
}
