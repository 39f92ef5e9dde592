using Anneal.Onnx;
using Anneal.Onnx.Passes;

namespace Anneal.Training.Export;

/// <summary>What options ask to be done to a model before it is written, and what is to be said of it.</summary>
internal sealed class ExportSteps(ExportOptions options)
{
    // The first operator set whose BatchNormalization can be folded.
    private const int FirstFoldable = 7;

    private readonly List<string> _notices = [];

    /// <summary>What was done, and what could not be done, in full sentences.</summary>
    public List<string> Notices => _notices;

    /// <summary>Whether the first output holds probabilities where the model gave scores.</summary>
    public bool HasNewSoftmax { get; private set; }

    /// <summary>A copy of the model to which all steps were done.</summary>
    /// <param name="model">The model.</param>
    /// <param name="opensBatch">Whether what the file will be held against takes pictures one by one, as an opened batch has to be proven.</param>
    /// <exception cref="AnnealException">A step is impossible; the message says why.</exception>
    public Model Apply(Model model, bool opensBatch)
    {
        var copy = model.Copy();
        if (options.Opset is { } opset)
            Convert(copy, opset, $"{nameof(ExportOptions.Opset)} asks for it");
        if (options.FoldBatchNorm)
            Fold(copy);
        if (options.DynamicBatch && opensBatch && OpenBatch.Run(copy) is { } reason)
            _notices.Add($"The file takes one picture at a time, as the model states it. {reason}");
        if (options.EndWithSoftmax)
            HasNewSoftmax = EndSoftmax.Append(copy, _notices);
        return copy;
    }

    private void Convert(Model model, int opset, string reason)
    {
        var from = model.OperatorSets[""] ?? 1;
        if (from == opset)
            return;
        if (from > opset)
            throw new AnnealException($"The model is of operator set {from} and cannot be written for {opset}: an older one may not have its operators. Leave {nameof(ExportOptions.Opset)} out, or name {from} or a later one.");
        if (opset is < UpgradeOpset.OldestVersion || opset > Onnx.Ops.OpTable.Version)
            throw new AnnealException($"There is no operator set {opset} to convert to: {UpgradeOpset.OldestVersion} to {Onnx.Ops.OpTable.Version} are known.");
        new UpgradeOpset(opset).Run(model);
        _notices.Add($"The file was converted from operator set {from} to {opset}, because {reason}.");
    }

    private void Fold(Model model)
    {
        if (model.OperatorSets[""] is < FirstFoldable)
            Convert(model, FirstFoldable, $"{nameof(ExportOptions.FoldBatchNorm)} needs the BatchNormalization of operator set {FirstFoldable}");
        var before = Count(model);
        _notices.Add(new FoldBatchNorm().Run(model) && before > Count(model)
            ? $"{before - Count(model)} of {before} BatchNormalization nodes were folded into the weights beside them."
            : $"{nameof(ExportOptions.FoldBatchNorm)} found no BatchNormalization that can be folded into the weights beside it.");
    }

    private static int Count(Model model) => model.Graph.SelfAndSubgraphs().SelectMany(graph => graph.Nodes).Count(node => node.Calls("BatchNormalization"));
}
