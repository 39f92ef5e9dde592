using Anneal.Onnx;

namespace Anneal.Training;

/// <summary>
/// The constants of a session's model as tensors on its device; what only steers operators stays on the processor, where the host reads it without waiting. The
/// model, which belongs to the session alone, lets go of its own copies.
/// </summary>
internal sealed class SessionConstants(Device device, IReadOnlySet<Value> steering) : IDisposable
{
    private readonly List<Tensor> _tensors = [];

    /// <summary>Takes a constant out of the model.</summary>
    public Tensor Take(Value constant)
    {
        var tensor = EngineTensors.Enter(constant.Initializer!, steering.Contains(constant) ? Device.Cpu : device);
        tensor.Name = constant.Name;
        constant.Initializer = null;
        _tensors.Add(tensor);
        return tensor;
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        foreach (var tensor in _tensors)
            tensor.Discard("the session that it belongs to was disposed");
        _tensors.Clear();
    }
}
