using Anneal.Onnx;
using Anneal.Training.Export;
using Anneal.Training.Nn;

namespace Anneal.Training.Tuning;

/// <summary>A model with what was learned in its place.</summary>
internal static class TunedModel
{
    /// <summary>A copy of a model with the given weights, by their names; all else stays.</summary>
    public static Model Of(Model model, IReadOnlyDictionary<string, Tensor> weights)
    {
        var module = new OnnxModule(model);
        var parts = ModuleState.Parts(module).ToDictionary();
        foreach (var (name, weight) in weights)
            parts[name].Assign(weight);
        return OnnxExport.ToModel(module);
    }
}
