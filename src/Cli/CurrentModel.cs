using Anneal.Onnx;
using Anneal.Onnx.Passes;

namespace Anneal.Cli;

/// <summary>A model as the operator records know it.</summary>
internal static class CurrentModel
{
    /// <summary>A copy with current operators and no calls of functions; the model itself stays as it is.</summary>
    /// <exception cref="AnnealException">The model uses an operator in a version that cannot be brought up to date; the message names the node.</exception>
    public static Model Of(Model model)
    {
        var copy = model.Copy();
        new Optimizer(new UpgradeOpset(), new InlineFunctions()).Run(copy);
        return copy;
    }
}
