using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Checks;

/// <summary>What can be said of a model without working out types: versions, functions, training steps, and each graph in turn.</summary>
internal sealed class ModelCheck(Model model, FaultReport report)
{
    private const string TheModel = "the model";

    private static readonly long NewestOperators = OpTable.All.Where(entry => entry.Domain.Length == 0).Max(entry => entry.Since[^1]);

    private readonly Dictionary<FunctionKey, Function> _functions = [];

    public void Run()
    {
        CheckVersions();
        foreach (var function in model.Functions)
            if (!_functions.TryAdd(FunctionKey.Of(function), function))
                report.Add(CheckRules.FunctionTwice, Name(function), "The model has another function of that domain, name and overload.");
        if (model.GraphIsImplied && model.Graph.Nodes.Count == 0 && model.Graph.Outputs.Count == 0)
            report.Add(CheckRules.NoGraph, TheModel, "There is no graph in it, only functions.");
        CheckMainGraph();
        foreach (var function in model.Functions)
            CheckFunction(function);
        RecursionCheck.Run(model.Functions, _functions, report);
        for (var i = 0; i < model.TrainingInfo.Count; i++)
            CheckTraining(model.TrainingInfo[i], i);
    }

    private void CheckVersions()
    {
        if (model.IrVersion is < 1 or > Model.NewestIrVersion)
            report.Add(CheckRules.IrVersion, TheModel, $"It is written in IR version {model.IrVersion}; expected 1 to {Model.NewestIrVersion}.");
        if (model.OperatorSets.Count == 0 && model.IrVersion >= 3)
            report.Add(CheckRules.OperatorSetMissing, TheModel, "It imports no operator set; from IR version 3 on it must.");
        CheckImports(model.OperatorSets, TheModel);
    }

    private void CheckImports(OperatorSets sets, string where)
    {
        var seen = new HashSet<string>();
        foreach (var set in sets)
        {
            var domain = OperatorSets.Normalise(set.Domain);
            if (!seen.Add(domain))
                report.Add(CheckRules.OperatorSetTwice, where, $"It imports the domain '{FaultReport.Clip(domain)}' again.");
            if (set.Version < 1 || (domain == "ai.onnx" && set.Version > NewestOperators))
                report.Add(CheckRules.OperatorSetVersion, where, $"It imports version {set.Version} of '{FaultReport.Clip(domain)}'; expected {(domain == "ai.onnx" ? $"1 to {NewestOperators}" : "1 or more")}.");
        }
    }

    private void CheckMainGraph()
    {
        foreach (var input in model.Graph.Inputs)
            if (input.Type is null or UnstatedType)
                report.Add(CheckRules.InputType, $"input '{input.Name}'", "It states no type, so nobody knows what to give.");
        foreach (var output in model.Graph.Outputs)
            if (output.Type is null or UnstatedType)
                report.Add(CheckRules.OutputType, $"output '{output.Name}'", "It states no type.");
        new GraphCheck(new(model, _functions, report, model.OperatorSets, "")).Run(model.Graph);
    }

    private void CheckFunction(Function function)
    {
        var where = Name(function);
        CheckImports(function.OperatorSets, where);
        var attributes = new HashSet<string>();
        foreach (var attribute in function.Attributes.Concat(function.AttributeDefaults.Select(a => a.Name)))
            if (!attributes.Add(attribute))
                report.Add(CheckRules.FunctionAttribute, where, $"It has the attribute '{FaultReport.Clip(attribute)}' twice.");
        var scope = new CheckScope(model, _functions, report, function.OperatorSets, $" in {where}") { Function = function, FunctionAttributes = attributes };
        new GraphCheck(scope).Run(function.Body);
        foreach (var unused in attributes.Except(scope.Referenced))
            report.Add(CheckRules.FunctionAttributeUnused, where, $"Nothing in its body refers to its attribute '{FaultReport.Clip(unused)}'.");
    }

    private void CheckTraining(TrainingInfo training, int index)
    {
        var place = $"training step {index}";
        foreach (var graph in new[] { training.Initialization, training.Algorithm }.OfType<Graph>())
            new GraphCheck(new(model, _functions, report, model.OperatorSets, $" in {place}") { Borrowed = model.Graph }).Run(graph);
        CheckBinding(training.InitializationBinding, training.Initialization, training, place);
        CheckBinding(training.UpdateBinding, training.Algorithm, training, place);
    }

    /// <summary>A variable is an initializer of the main graph or of the training graph; it is set to an output of the graph that the step runs.</summary>
    private void CheckBinding(Metadata binding, Graph? source, TrainingInfo training, string place)
    {
        var outputs = source?.Outputs.Select(output => output.Name).ToHashSet() ?? [];
        var bound = new HashSet<string>();
        foreach (var entry in binding)
        {
            if (!bound.Add(entry.Key))
                report.Add(CheckRules.TrainingBinding, place, $"It sets '{FaultReport.Clip(entry.Key)}' twice.");
            if (!IsVariable(entry.Key, model.Graph) && !IsVariable(entry.Key, training.Algorithm))
                report.Add(CheckRules.TrainingBinding, place, $"It sets '{FaultReport.Clip(entry.Key)}', which is no initializer.");
            if (!outputs.Contains(entry.Value))
                report.Add(CheckRules.TrainingBinding, place, $"It sets '{FaultReport.Clip(entry.Key)}' to '{FaultReport.Clip(entry.Value)}', which is no output of its graph.");
        }
    }

    private static bool IsVariable(string name, Graph? graph) => graph?.Find(name) is { Initializer: not null } or { SparseInitializer: not null };

    private static string Name(Function function) => $"function {FaultReport.Clip(function.ToString())}";
}
