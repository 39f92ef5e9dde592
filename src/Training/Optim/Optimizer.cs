using Anneal.Onnx;

namespace Anneal.Training.Optim;

/// <summary>
/// Changes parameters so that a loss falls. A step of training is
/// <code>
/// using var scope = TensorScope.Begin();
/// optimizer.ZeroGrad();
/// var loss = Loss(model.Forward(x), labels);
/// loss.Backward();
/// optimizer.Step();
/// </code>
/// Gradients add up until they are taken away, so that a batch too large for the memory can come in parts: call <see cref="ZeroGrad"/>, then
/// <c>(loss / parts).Backward()</c> for each part, then <see cref="Step"/> once. For a loss that is a mean over pictures, that is the gradient of
/// the whole batch (but for normalisations, which see each part by itself).
/// </summary>
public abstract class Optimizer
{
    private const string StepsName = "steps";

    private readonly List<ParameterState> _states = [];

    private protected Optimizer(IEnumerable<ParameterGroup> groups, OptimizerOptions options, params IReadOnlyList<string> roles)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Groups = [.. groups];
        var seen = new HashSet<Parameter>();
        foreach (var group in Groups)
        {
            group.Complete(options);
            foreach (var parameter in group.Parameters)
                _states.Add(seen.Add(parameter)
                    ? new(parameter, group, [.. roles, StepsName])
                    : throw new AnnealException($"{parameter.Title} is in two groups, or twice in one: it would be changed twice in a step."));
        }
        if (_states.Count == 0)
            throw new AnnealException($"{GetType().Name} was given no parameter to train.");
    }

    /// <summary>The parameters by what holds for them.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>All parameters, group after group.</summary>
    public IEnumerable<Parameter> Parameters => _states.Select(state => state.Parameter);

    /// <summary>Takes the gradients of all parameters away.</summary>
    public void ZeroGrad()
    {
        foreach (var state in _states)
            state.Parameter.ZeroGrad();
    }

    /// <summary>Changes every parameter that has a gradient; the others, frozen ones for instance, stay as they are.</summary>
    /// <exception cref="AnnealException">No parameter has a gradient.</exception>
    /// <exception cref="DeviceUnavailableException">A parameter of double lives on a GPU, where optimisers take float32.</exception>
    public void Step()
    {
        var found = false;
        foreach (var state in _states)
            if (state.Parameter.Grad is { } dw)
            {
                found = true;
                state.CountStep();
                Update(state, dw);
            }
        if (!found)
            throw new AnnealException($"{GetType().Name}: no parameter has a gradient. Call Backward on the loss before {nameof(Step)}, and {nameof(ZeroGrad)} after it.");
    }

    /// <summary>
    /// What the optimiser remembers, for a checkpoint: tensors named by the parameter and what they are, such as <c>conv1.weight.momentum</c>. A
    /// parameter without a name, or with one that another has too, goes by its place. Learning rates are not among them: options, and a schedule's position, say them.
    /// </summary>
    public IReadOnlyList<StateTensor> State() => [.. Places().Where(place => place.Tensor is not null).Select(place =>
    {
        place.Tensor!.Name = place.Name;
        return place.Tensor;
    })];

    /// <summary>Goes on from what <see cref="State"/> gave: afterwards the optimiser remembers that and nothing else.</summary>
    /// <exception cref="AnnealException">A tensor has a name that is not one of this optimiser's.</exception>
    /// <exception cref="ShapeMismatchException">A tensor does not fit its parameter.</exception>
    public void Load(IEnumerable<Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        Load([.. state.Select(tensor => (tensor.Name ?? "", tensor))], Places());
    }

    /// <summary>As <see cref="State"/>, by the names of the parameters in a network, which differ from one another while their own need not.</summary>
    internal IEnumerable<(string Name, StateTensor Tensor)> Remembered(IReadOnlyDictionary<MutableTensor, string> names) =>
        Places(names).Where(place => place.Tensor is not null).Select(place => (place.Name, place.Tensor!));

    /// <summary>Goes on from what <see cref="Remembered"/> gave.</summary>
    internal void Recall(IReadOnlyDictionary<string, Tensor> state, IReadOnlyDictionary<MutableTensor, string> names) =>
        Load([.. state.Select(named => (named.Key, named.Value))], Places(names));

    /// <summary>Changes a parameter, once through memory.</summary>
    private protected abstract void Update(ParameterState state, Tensor dw);

    /// <summary>One group of all parameters.</summary>
    private protected static IEnumerable<ParameterGroup> OneGroup(IEnumerable<Parameter> parameters) => [new(parameters)];

    private void Load((string Name, Tensor Tensor)[] given, IEnumerable<(string Name, ParameterState State, int Role, StateTensor? Tensor)> known)
    {
        var places = known.ToDictionary(place => place.Name, place => (place.State, place.Role));
        foreach (var (name, _) in given)
            if (!places.ContainsKey(name))
                throw new AnnealException($"{GetType().Name} remembers nothing called '{name}': the state is that of another optimiser, or of other parameters.");
        foreach (var remembered in _states)
            remembered.Forget();
        foreach (var (name, tensor) in given)
            places[name].State.Restore(places[name].Role, tensor);
    }

    private IEnumerable<(string Name, ParameterState State, int Role, StateTensor? Tensor)> Places(IReadOnlyDictionary<MutableTensor, string>? names = null)
    {
        for (var i = 0; i < _states.Count; i++)
            for (var role = 0; role < _states[i].Roles.Count; role++)
                yield return ($"{NameOf(i, names)}.{_states[i].Roles[role]}", _states[i], role, _states[i].Find(role));
    }

    private string NameOf(int index, IReadOnlyDictionary<MutableTensor, string>? names)
    {
        var parameter = _states[index].Parameter;
        var name = names is null ? OwnName(parameter) : names.GetValueOrDefault(parameter);
        return name ?? $"parameter{index}";
    }

    /// <summary>The name of a parameter, if no other one has it: layers of one kind call theirs alike.</summary>
    private string? OwnName(Parameter parameter) =>
        _states.Exists(other => other.Parameter != parameter && other.Parameter.Name == parameter.Name) ? null : parameter.Name;
}
