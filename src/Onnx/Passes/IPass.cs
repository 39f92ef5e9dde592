namespace Anneal.Onnx.Passes;

/// <summary>
/// One way of rewriting a model in place so that it computes what it computed before. A pass is one file; its summary lists its rules by
/// number, and the code names them.
/// </summary>
public interface IPass
{
    /// <summary>The pass's name in reports and on the command line: lower case, words joined by hyphens.</summary>
    string Name { get; }

    /// <summary>Rewrites a model.</summary>
    /// <returns>Whether anything changed.</returns>
    /// <exception cref="AnnealException">The model breaks a rule of ONNX that the pass relies on; the message names the node.</exception>
    bool Run(Model model);
}
