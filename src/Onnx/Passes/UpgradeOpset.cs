using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes.Upgrading;

namespace Anneal.Onnx.Passes;

/// <summary>
/// Rewrites a model of an older ONNX operator set (6 or later) in the terms of a newer one, so that it computes what it computed before
/// (facts: ONNX, docs/Changelog.md). What each operator's versions changed is listed in one table; rules:
/// <list type="number">
/// <item>A node keeps its form through every version that only widened what its operator takes.</item>
/// <item>Every other version that lies between has a step, and a node goes through its steps in the order of their versions.</item>
/// <item>Attributes that became inputs become initializers, and in the body of a function, which has none, nodes <c>Constant</c>.</item>
/// <item>Subgraphs are rewritten with the graph around them; bodies of functions from the operator set that the function imports.</item>
/// <item>Model and functions import the new version, and the IR version is raised to the one that the new operator set came with. Until IR version 3
/// every initializer had to be listed as an input too; later that would mean that a caller may replace it, so it is listed no more.</item>
/// <item>What has no exact counterpart is refused: the message names node, operator, version and reason. Other domains stay as they are.</item>
/// </list>
/// </summary>
public sealed class UpgradeOpset : IPass
{
    /// <summary>The oldest operator set that is understood.</summary>
    public const int OldestVersion = 6;

    private const long LastWithoutConstants = 3;

    private readonly int _target;

    /// <summary>An upgrade to the newest operator set that this library knows, <see cref="OpTable.Version"/>.</summary>
    public UpgradeOpset() : this(OpTable.Version) { }

    /// <summary>An upgrade to an operator set that the reader of the file understands.</summary>
    /// <param name="target">The version, <see cref="OldestVersion"/> to <see cref="OpTable.Version"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The version is outside that range.</exception>
    public UpgradeOpset(int target)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(target, OldestVersion);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(target, OpTable.Version);
        _target = target;
    }

    /// <inheritdoc/>
    public string Name => "upgrade-opset";

    /// <summary>The model itself when it is of the newest operator set, otherwise a copy that is.</summary>
    /// <exception cref="AnnealException">The model cannot be upgraded; see <see cref="Run"/>.</exception>
    public static Model Upgraded(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var pass = new UpgradeOpset();
        if (!pass.Outdated(model).Any())
            return model;
        var copy = model.Copy();
        pass.Run(copy);
        return copy;
    }

    /// <summary>Rewrites a model in place. When it is refused it may be half rewritten and is of no use any more.</summary>
    /// <returns>Whether anything changed.</returns>
    /// <exception cref="AnnealException">The model is of an operator set that is too old or too new, or a node has no exact counterpart; the message says which and why.</exception>
    public bool Run(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var parts = Outdated(model).ToList();
        foreach (var part in parts)
            Upgrade(part, model);
        if (parts.Count > 0)
            RaiseIrVersion(model);
        return parts.Count > 0;
    }

    private void RaiseIrVersion(Model model)
    {
        if (model.IrVersion <= LastWithoutConstants)
            foreach (var constant in model.Graph.Inputs.Where(input => input.Initializer is not null).ToArray())
                model.Graph.RemoveInput(constant);
        model.IrVersion = Math.Max(model.IrVersion, IrVersions.Of(_target));
    }

    private void Upgrade(UpgradePart part, Model model)
    {
        var local = model.Functions.Where(function => OperatorSets.Normalise(function.Domain) == OperatorSets.Normalise("")).Select(function => function.Name).ToHashSet();
        foreach (var graph in part.Graphs)
            new GraphUpgrade(part.Version, _target, part.HoldsInitializers, local).Run(graph);
        part.OperatorSets[""] = _target;
    }

    /// <summary>What imports another version than the target: the model with its training graphs, and each function.</summary>
    private IEnumerable<UpgradePart> Outdated(Model model)
    {
        var graphs = model.TrainingInfo.SelectMany(t => new[] { t.Initialization, t.Algorithm }).OfType<Graph>().Prepend(model.Graph);
        var parts = model.Functions.Select(f => new UpgradePart($"Function {f}", f.OperatorSets, [f.Body], HoldsInitializers: false))
            .Prepend(new("The model", model.OperatorSets, [.. graphs], HoldsInitializers: true));
        foreach (var part in parts)
            if (part.IsOutdated(_target))
                yield return part;
    }
}
