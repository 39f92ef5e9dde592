using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes;
using Anneal.Onnx.Tests.Passes;

namespace Anneal.Onnx.Tests.Fuzz;

/// <summary>Takes one model through all that this library does with models. Every step may refuse it with an error of ours, and with nothing else.</summary>
internal static class FuzzTrial
{
    /// <summary>Whether the model could be loaded.</summary>
    public static bool Run(byte[] bytes)
    {
        Model? model = null;
        Attempt(() => model = OnnxFile.Parse(bytes));
        if (model is null)
            return false;
        Attempt(() => Checker.Check(model));
        Attempt(() => GraphFacts.Infer(model.Graph));
        Attempt(() => OnnxFile.ToBytes(model.Copy()));
        foreach (var pass in AllPasses.Make())
            Attempt(() => Rewrite(pass, model.Copy()));
        Attempt(() => OnnxFile.Parse(OnnxFile.ToBytes(model)));
        return true;
    }

    private static void Rewrite(IPass pass, Model model)
    {
        pass.Run(model);
        OnnxFile.Parse(OnnxFile.ToBytes(model));
    }

    private static void Attempt(Action step)
    {
        try
        {
            step();
        }
        catch (AnnealException)
        {
        }
    }
}
