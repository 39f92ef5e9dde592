using Anneal.Onnx;
using Anneal.Training.Devices;

namespace Anneal.Training.Nn;

/// <summary>
/// A part of a network: it holds parameters, buffers and other modules, each under a name. A part is registered where it is made, in the
/// constructor: <c>_fc1 = Register("fc1", new Linear(784, 128));</c>. One whose forward takes a tensor and gives one is a <see cref="Module"/>; others
/// (a recurrent layer with its state, a network over trees) derive from this class and have a Forward of their own.
/// </summary>
/// <remarks>
/// Names are joined by dots, as in PyTorch: <c>layer1.0.conv1.weight</c>. A module's own parameters come before those of its modules, all in the
/// order of registration; what is registered in several places is one thing and comes once, under its first name.
/// </remarks>
public abstract class ModuleBase
{
    private readonly List<(string Name, Parameter Part)> _parameters = [];
    private readonly List<(string Name, StateTensor Part)> _buffers = [];
    private readonly List<(string Name, ModuleBase Part)> _modules = [];

    private (ModuleBase Module, string Name)? _holder;

    /// <summary>Whether the module behaves as in training: Dropout drops, BatchNorm measures. True for a new module.</summary>
    public bool IsTraining { get; private protected set; } = true;

    /// <summary>How errors call the module: its type, and its place in the network that holds it: <c>Conv2d 'layer1.0.conv1'</c>.</summary>
    public string Title => Place.Length == 0 ? GetType().Name : $"{GetType().Name} '{Place}'";

    /// <summary>Every module of the network with its name, this one first under the empty name.</summary>
    public IEnumerable<(string Name, ModuleBase Module)> NamedModules() => ModuleWalk.From(this);

    /// <summary>Every module of the network, this one first.</summary>
    public IEnumerable<ModuleBase> Modules() => NamedModules().Select(named => named.Module);

    /// <summary>Every parameter of the network with its name; a shared one comes once.</summary>
    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters() => ModuleWalk.Parts(this, module => module._parameters);

    /// <summary>Every parameter of the network; a shared one comes once.</summary>
    public IEnumerable<Parameter> Parameters() => NamedParameters().Select(named => named.Parameter);

    /// <summary>Every buffer of the network with its name: what is saved and not trained, running means for instance.</summary>
    public IEnumerable<(string Name, StateTensor Buffer)> NamedBuffers() => ModuleWalk.Parts(this, module => module._buffers);

    /// <summary>Every buffer of the network.</summary>
    public IEnumerable<StateTensor> Buffers() => NamedBuffers().Select(named => named.Buffer);

    /// <summary>Makes the network behave as in training.</summary>
    /// <exception cref="AnnealException">A part of it cannot be trained, and then nothing has changed.</exception>
    public void Train()
    {
        foreach (var module in Modules())
            module.RequireTrainable();
        SetMode(isTraining: true);
    }

    /// <summary>Makes the network behave as in use.</summary>
    public void Eval() => SetMode(isTraining: false);

    /// <summary>Stops the parameters whose names match from being trained: <c>"layer1.*"</c>. They get no gradient any more.</summary>
    /// <param name="pattern">A name in which <c>*</c> stands for any letters, dots too, and <c>?</c> for one.</param>
    /// <returns>How many parameters match.</returns>
    /// <exception cref="AnnealException">None does; the message lists the nearest names.</exception>
    public int Freeze(string pattern) => SetTrained(pattern, isTrained: false);

    /// <summary>Lets the parameters whose names match be trained again.</summary>
    /// <inheritdoc cref="Freeze"/>
    public int Unfreeze(string pattern) => SetTrained(pattern, isTrained: true);

    /// <summary>Takes the gradients of all parameters away.</summary>
    public void ZeroGrad()
    {
        foreach (var parameter in Parameters())
            parameter.ZeroGrad();
    }

    /// <summary>A copy of everything that is saved of the network, parameters and then buffers, by name. Training does not change it.</summary>
    public IReadOnlyDictionary<string, Tensor> GetState() => ModuleState.Of(this);

    /// <summary>Takes over what <see cref="GetState"/> gave: every name must be there, no other, and each with the same type and shape.</summary>
    /// <exception cref="AnnealException">Names, types or shapes differ; the message lists them, and then nothing has changed.</exception>
    public void SetState(IReadOnlyDictionary<string, Tensor> state) => ModuleState.Assign(this, state);

    /// <summary>Converts parameters and buffers of floating-point numbers to another precision, in place. Gradients go.</summary>
    /// <param name="dtype">float32 or double.</param>
    /// <exception cref="AnnealException">The type is another one.</exception>
    public void To(DType dtype)
    {
        if (dtype is not (DType.Float32 or DType.Double))
            throw new AnnealException($"{Title} cannot be converted to {dtype}: networks compute in {DType.Float32} or {DType.Double}.");
        foreach (var part in Parameters().Concat<MutableTensor>(Buffers()))
            if (part.DType.IsFloat())
                part.ConvertTo(dtype);
        foreach (var module in Modules())
            module.OnConverted(dtype);
    }

    /// <summary>
    /// Moves everything that the network computes with to another device, in place: parameters, buffers, and the constants of an imported graph. What an
    /// optimiser or an average remembers of them follows by itself. Gradients go.
    /// </summary>
    /// <param name="device">The device; inputs must live there too (<see cref="Tensor.To(Device)"/>).</param>
    /// <exception cref="DeviceUnavailableException">There is no such device here.</exception>
    /// <exception cref="AnnealException">Its memory does not suffice, and then nothing has moved.</exception>
    public void To(Device device)
    {
        var to = ComputeDevice.Find(device);
        using var scope = TensorScope.Begin();
        MutableTensor[] parts = [.. Parameters(), .. Buffers(), .. Modules().SelectMany(module => module.Constants)];
        var copies = Array.ConvertAll(parts, part => part.CopyOn(to));
        foreach (var (part, copy) in parts.Zip(copies))
            if (copy is not null)
                part.Settle(copy);
    }

    /// <summary>
    /// Checks that the module knows every parameter that went into a tensor, so that none is left out of training and of the file by mistake.
    /// <see cref="Module.Forward"/> does it once by itself; a module with another forward may do it in a test.
    /// </summary>
    /// <param name="y">What the module has computed, recorded.</param>
    /// <exception cref="AnnealException">A parameter is none of this module's; the message names it.</exception>
    public void RequireRegistered(Tensor y)
    {
        ArgumentNullException.ThrowIfNull(y);
        RegistrationCheck.Run(this, y, after: 0);
    }

    /// <summary>The type, and the number of parameters.</summary>
    public override string ToString() => $"{Title}: {Parameters().Sum(parameter => (long)parameter.Count)} parameters";

    /// <summary>Puts a parameter into the module. Returns it, so that making and registering is one line.</summary>
    /// <param name="name">Its name, without dots.</param>
    /// <param name="parameter">The parameter.</param>
    /// <exception cref="AnnealException">The name is taken, empty, or has a dot.</exception>
    protected Parameter Register(string name, Parameter parameter)
    {
        Add(_parameters, name, parameter);
        parameter.Name ??= name;
        return parameter;
    }

    /// <summary>Puts a buffer into the module: what is saved with it and not trained. Returns it.</summary>
    /// <param name="name">Its name, without dots.</param>
    /// <param name="buffer">The buffer.</param>
    /// <exception cref="AnnealException">The name is taken, empty, or has a dot.</exception>
    protected StateTensor Register(string name, StateTensor buffer)
    {
        Add(_buffers, name, buffer);
        buffer.Name ??= name;
        return buffer;
    }

    /// <summary>Puts a module into this one. Returns it.</summary>
    /// <param name="name">Its name, without dots.</param>
    /// <param name="module">The module.</param>
    /// <exception cref="AnnealException">The name is taken, empty, or has a dot; or the module would hold itself.</exception>
    protected T Register<T>(string name, T module) where T : ModuleBase
    {
        ArgumentNullException.ThrowIfNull(module);
        if (module.Modules().Contains(this))
            throw new AnnealException($"{Title} cannot hold {module.Title} as '{name}': that is the module itself or holds it already.");
        Add(_modules, name, module);
        module._holder ??= (this, name);
        return module;
    }

    /// <summary>Puts a part in under a name that stems from a file and may have dots.</summary>
    private protected void RegisterAsIs(string name, MutableTensor part)
    {
        part.Name = name;
        if (part is Parameter parameter)
            _parameters.Add((name, parameter));
        else
            _buffers.Add((name, (StateTensor)part));
    }

    /// <summary>Whether the module is no part of another.</summary>
    private protected bool IsRoot => _holder is null;

    /// <summary>Whether all that the module itself could learn is frozen.</summary>
    private protected bool IsFrozen => _parameters.Count > 0 && _parameters.TrueForAll(named => !named.Part.RequiresGrad);

    /// <summary>The modules that this one holds itself.</summary>
    internal IReadOnlyList<(string Name, ModuleBase Part)> Children => _modules;

    /// <summary>Makes the network behave as in use until the result is disposed; then each module behaves as before.</summary>
    internal IDisposable InUse()
    {
        (ModuleBase Module, bool IsTraining)[] before = [.. Modules().Select(module => (module, module.IsTraining))];
        Eval();
        return new ModeRestored(before);
    }

    /// <summary>Refuses training where that is impossible.</summary>
    internal virtual void RequireTrainable() { }

    /// <summary>Converts what a module holds beside parameters and buffers.</summary>
    private protected virtual void OnConverted(DType dtype) { }

    /// <summary>What a module computes with beside parameters and buffers, and never changes.</summary>
    private protected virtual IEnumerable<MutableTensor> Constants => [];

    private string Place => _holder is not var (module, name) ? "" : module.Place.Length == 0 ? name : $"{module.Place}.{name}";

    private void SetMode(bool isTraining)
    {
        foreach (var module in Modules())
            module.IsTraining = isTraining;
    }

    private int SetTrained(string pattern, bool isTrained)
    {
        var matches = NamePattern.Matches(pattern, [.. NamedParameters()], Title);
        foreach (var parameter in matches)
        {
            parameter.RequiresGrad = isTrained;
            if (!isTrained)
                parameter.ZeroGrad();
        }
        return matches.Count;
    }

    private void Add<T>(List<(string, T)> parts, string name, T part) where T : class
    {
        ArgumentNullException.ThrowIfNull(part);
        if (string.IsNullOrEmpty(name) || name.Contains('.', StringComparison.Ordinal))
            throw new AnnealException($"{Title} cannot hold a part named '{name}': a name has letters, and no dot, which joins names.");
        if (_parameters.Exists(p => p.Name == name) || _buffers.Exists(b => b.Name == name) || _modules.Exists(m => m.Name == name))
            throw new AnnealException($"{Title} holds a part named '{name}' already.");
        parts.Add((name, part));
    }

    private sealed class ModeRestored((ModuleBase Module, bool IsTraining)[] before) : IDisposable
    {
        public void Dispose()
        {
            foreach (var (module, isTraining) in before)
                module.IsTraining = isTraining;
        }
    }
}
