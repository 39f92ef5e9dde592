using Anneal.Onnx;

namespace Anneal.Training.Optim;

/// <summary>What an optimiser remembers of one parameter. Tensors come to be when they are first needed: a frozen parameter costs nothing.</summary>
internal sealed class ParameterState(Parameter parameter, ParameterGroup group, IReadOnlyList<string> roles)
{
    private readonly StateTensor?[] _tensors = new StateTensor?[roles.Count];

    public Parameter Parameter { get; } = parameter;

    public ParameterGroup Group { get; } = group;

    /// <summary>What each tensor is; the last one counts the steps, the others are shaped as the parameter.</summary>
    public IReadOnlyList<string> Roles { get; } = roles;

    /// <summary>How many steps the parameter has taken, the present one included.</summary>
    public long Steps => _tensors[^1]!.AsSpan<long>()[0];

    /// <summary>A tensor of a role, where the parameter lives; a new one is filled with a number.</summary>
    public StateTensor Tensor(int role, double initial = 0)
    {
        var tensor = _tensors[role] ??= new(Training.Tensor.Full(Parameter.Shape, initial, Parameter.DType, Parameter.Device));
        tensor.SendTo(Parameter.Compute);
        return tensor;
    }

    /// <summary>A tensor of a role, or null when there is none yet.</summary>
    public StateTensor? Find(int role) => _tensors[role];

    public unsafe void CountStep() => ++*(long*)Counter().Change();

    /// <summary>Takes a tensor from a checkpoint.</summary>
    public void Restore(int role, Tensor tensor)
    {
        if (role == _tensors.Length - 1)
            Counter().Assign(tensor);
        else
            Tensor(role).Assign(tensor);
    }

    public void Forget() => Array.Clear(_tensors);

    private StateTensor Counter() => _tensors[^1] ??= new(Training.Tensor.Full(TensorShape.Scalar, 0, DType.Int64));
}
