using Anneal.Onnx;
using Anneal.Onnx.Passes;
using Anneal.Runtime;

namespace Anneal.Training.Tests.Tuning;

/// <summary>Runs models in ONNX Runtime, on one thread.</summary>
internal static class Ort
{
    private const int OldestItHasKernelsFor = 7;

    /// <summary>The outputs for these inputs, in the model's order.</summary>
    public static NamedTensor[] Run(Model model, params Tensor[] inputs)
    {
        if (model.OperatorSets[""] < OldestItHasKernelsFor)
        {
            model = model.Copy();
            _ = new UpgradeOpset(OldestItHasKernelsFor).Run(model);
        }
        using var session = new OrtEngine().Open(ModelSource.FromModel(model), new EngineOptions { Device = Device.Cpu, Threads = 1, Spinning = false });
        return [.. session.Run([.. session.Inputs.Zip(inputs, (input, tensor) => NamedTensor.Create(input.Name, tensor.ToArray<float>(), tensor.Shape.LongExtents))])];
    }

    /// <summary>The numbers of an output.</summary>
    public static float[] Numbers(NamedTensor tensor) => tensor.As<float>().ToArray();

    /// <summary>A model's value, computed by the whole model.</summary>
    public static float[] ValueOf(Model model, string value, Tensor input)
    {
        var copy = model.Copy();
        var found = copy.Graph.Find(value)!;
        if (copy.Graph.Outputs.Contains(found))
            return Numbers(Run(copy, input)[copy.Graph.Outputs.ToList().IndexOf(found)]);
        found.Type ??= new TensorType(DType.Float32);
        copy.Graph.AddOutput(found);
        return Numbers(Run(copy, input)[^1]);
    }
}
