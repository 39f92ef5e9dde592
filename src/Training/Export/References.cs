using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Training.Nn;

namespace Anneal.Training.Export;

/// <summary>A model on the kernels of this library. Where it takes one picture at a time, several are given to it one by one.</summary>
internal sealed class OnnxReference(OnnxModule module, Model model) : IExportReference
{
    private readonly Device _device = module.Parameters().FirstOrDefault()?.Device ?? Device.Cpu;
    private readonly HashSet<string> _single = [.. model.Graph.RequiredInputs.Where(StatesOne).Select(input => input.Name)];

    public IReadOnlyList<NamedTensor> Run(IReadOnlyList<NamedTensor> inputs, CancellationToken cancellation)
    {
        using var inUse = module.InUse();
        using var off = Grad.Off();
        var tensors = module.InputNames.Select(name => Enter(inputs.First(input => input.Name == name))).ToArray();
        var count = tensors.Zip(module.InputNames).Where(pair => _single.Contains(pair.Second)).Select(pair => pair.First.Shape[0]).DefaultIfEmpty(1).Max();
        var outputs = count == 1 ? module.Run(tensors) : RunApart(tensors, count, cancellation);
        return [.. outputs.Select((output, i) => EngineTensors.Leave(module.OutputNames[i], Declared(output, model.Graph.Outputs[i])))];
    }

    private Tensor[] RunApart(Tensor[] tensors, int count, CancellationToken cancellation)
    {
        var rows = new List<Tensor[]>();
        for (var row = 0; row < count; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            rows.Add(module.Run([.. tensors.Select((tensor, i) => _single.Contains(module.InputNames[i]) ? tensor.Slice(0, row, row + 1) : tensor)]));
        }
        return [.. rows[0].Select((_, output) => Tensor.Concat(0, [.. rows.Select(row => row[output])]))];
    }

    /// <summary>A module that was converted to double computes in double; the file does not.</summary>
    private Tensor Enter(NamedTensor input)
    {
        var tensor = EngineTensors.Enter(input, _device);
        return tensor.DType is DType.Float32 or DType.Double ? tensor.To(module.Precision) : tensor;
    }

    private static Tensor Declared(Tensor output, Value declared) => declared.Type is TensorType { ElementType: DType.Float32 or DType.Double } type ? output.To(type.ElementType) : output;

    private static bool StatesOne(Value input) => input.Type is TensorType { Shape: { Rank: > 0 } shape } && shape[0] == 1;
}

/// <summary>A module that was recorded, computing as it does.</summary>
internal sealed class ModuleReference(Module module, string output) : IExportReference
{
    private readonly Device _device = module.Parameters().FirstOrDefault()?.Device ?? Device.Cpu;

    public IReadOnlyList<NamedTensor> Run(IReadOnlyList<NamedTensor> inputs, CancellationToken cancellation)
    {
        using var inUse = module.InUse();
        using var off = Grad.Off();
        return [EngineTensors.Leave(output, module.Forward(EngineTensors.Enter(inputs[0], _device)))];
    }
}

/// <summary>A model in ONNX Runtime, where this library has no kernel for one of its operators.</summary>
internal sealed class OrtReference(IModelSession session) : IExportReference
{
    public IReadOnlyList<NamedTensor> Run(IReadOnlyList<NamedTensor> inputs, CancellationToken cancellation) => session.Run(inputs, cancellation);
}

/// <summary>Another reference, whose first output is turned from scores into probabilities.</summary>
internal sealed class SoftmaxReference(IExportReference scores) : IExportReference
{
    public IReadOnlyList<NamedTensor> Run(IReadOnlyList<NamedTensor> inputs, CancellationToken cancellation)
    {
        var outputs = scores.Run(inputs, cancellation);
        using var off = Grad.Off();
        var x = EngineTensors.Enter(outputs[0], Device.Cpu);
        var y = Tensor.Apply(new Onnx.Ops.Softmax { Axis = 1 }, x.To(DType.Double)).To(x.DType);
        return [EngineTensors.Leave(outputs[0].Name, y), .. outputs.Skip(1)];
    }
}
