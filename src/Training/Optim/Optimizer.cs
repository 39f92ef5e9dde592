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
    /// parameter without a name goes by its place. Learning rates are not among them: options, and a schedule's position, say them.
    /// </summary>
    public IReadOnlyList<StateTensor> State() => [.. Named().Where(part => part.Tensor is not null).Select(part =>
    {
        part.Tensor!.Name = part.Name;
        return part.Tensor;
    })];

    /// <summary>Goes on from what <see cref="State"/> gave: afterwards the optimiser remembers that and nothing else.</summary>
    /// <exception cref="AnnealException">A tensor has a name that is not one of this optimiser's.</exception>
    /// <exception cref="ShapeMismatchException">A tensor does not fit its parameter.</exception>
    public void Load(IEnumerable<Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var places = Named().ToDictionary(part => part.Name, part => (part.State, part.Role));
        var given = state.ToArray();
        foreach (var tensor in given)
            if (!places.ContainsKey(tensor.Name ?? ""))
                throw new AnnealException($"{GetType().Name} remembers nothing called '{tensor.Name}': the state is that of another optimiser, or of other parameters.");
        foreach (var remembered in _states)
            remembered.Forget();
        foreach (var tensor in given)
            places[tensor.Name!].State.Restore(places[tensor.Name!].Role, tensor);
    }

    /// <summary>Changes a parameter, once through memory.</summary>
    private protected abstract void Update(ParameterState state, Tensor dw);

    /// <summary>One group of all parameters.</summary>
    private protected static IEnumerable<ParameterGroup> OneGroup(IEnumerable<Parameter> parameters) => [new(parameters)];

    private IEnumerable<(string Name, ParameterState State, int Role, StateTensor? Tensor)> Named()
    {
        for (var i = 0; i < _states.Count; i++)
            for (var role = 0; role < _states[i].Roles.Count; role++)
                yield return ($"{_states[i].Parameter.Name ?? $"parameter{i}"}.{_states[i].Roles[role]}", _states[i], role, _states[i].Find(role));
    }
}
